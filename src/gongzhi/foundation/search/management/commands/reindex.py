"""`./gongzhi reindex [--town CODE]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.foundation.search import indexing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town


class Command(BaseCommand):
    """Make the index of search anew."""

    help = "make the index of search anew, in all towns or in one (--town CODE)"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--town", default="", help="code of one town")

    def handle(self, *args: Any, **options: Any) -> None:
        towns = [town for town in territory.towns(seen_by=CLOCK) if options["town"] in ("", town.code)]
        if not towns:
            raise CommandError(f"There is no town {options['town']}." if options["town"] else "There is no town yet.")
        for town in towns:
            with in_town(town.pk):
                self.stdout.write(f"{town.code}: {indexing.rebuild()} texts")
