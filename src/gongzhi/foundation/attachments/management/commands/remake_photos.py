"""Make anew the photos in which an earlier release left more than pixels: `./gongzhi manage remake_photos`."""

from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from gongzhi.foundation.attachments import images, operations, queries
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town


class Command(BaseCommand):
    help = "make photos anew that hold more than pixels: a comment, EXIF, a profile, a second picture; may be run again at any time"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say which, and what they hold")

    def handle(self, *args: Any, **given: Any) -> None:
        """Look at every photo of every town and make anew what holds more than pixels."""
        looked = made = 0
        for town_id in territory.town_ids(seen_by=CLOCK):
            with in_town(town_id):
                for photo in queries.photos(seen_by=CLOCK).iterator(chunk_size=500):
                    looked += 1
                    held = self._held([photo.stored, *photo.variants.values()])
                    if not held:
                        continue
                    made += 1
                    self.stdout.write(f"{photo.stored}: {', '.join(held)}")
                    if not given["dry_run"]:
                        try:
                            operations.remake_attachment(by=system("attachments"), at=timezone.now(), attachment_id=photo.pk)
                        except (Refused, FileNotFoundError) as error:
                            self.stderr.write(f"{photo.stored}: {error}")
        self.stdout.write(f"{looked} photos, {made} {'to make' if given['dry_run'] else 'made'} anew")

    def _held(self, names: list[str]) -> list[str]:
        found: dict[str, None] = {}
        for name in names:
            try:
                with default_storage.open(name) as file:
                    found |= dict.fromkeys(images.extras(file.read()))
            except FileNotFoundError:
                found["is not there"] = None
        return list(found)
