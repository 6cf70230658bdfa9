"""`./gongzhi mask-texts`: once after an update from a release that kept texts as they were written."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from gongzhi.cases import operations
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.towns import in_town


class Command(BaseCommand):
    help = "mask telephone and identity numbers in cases, steps and ratings that were written before this was done; may be run again at any time"

    def handle(self, *args: Any, **given: Any) -> None:
        """Go through every town."""
        for town in territory.towns(seen_by=CLOCK):
            with in_town(town.pk):
                masked = operations.mask_texts(by=system("cases"), at=timezone.now())
            self.stdout.write(f"{town.code}: {masked} texts masked")
