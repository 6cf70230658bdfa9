"""`./gongzhi reseal`, `./gongzhi reseal --check`."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gongzhi.foundation.people import queries, rotation
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town


class Command(BaseCommand):
    """Seal personal fields anew under the first key of GONGZHI_FIELD_KEY, and say when an old key may be taken away."""

    help = "seal personal fields anew under the first key of GONGZHI_FIELD_KEY; --check says which old keys may be taken away"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 while an old key is still needed")
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help=f"rows of one transaction (default {rotation.BATCH})")
        parser.add_argument("--json", action="store_true", help="print JSON lines")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= 5_000:
            raise CommandError("--batch must be between 1 and 5000.")
        towns = list(territory.towns(seen_by=CLOCK))
        if not towns:
            raise CommandError("There is no town yet.")
        lost = False
        if not options["check"]:
            for town in towns:
                with in_town(town.pk):
                    lost = self._reseal(town, options) or lost
        needed = self._check(towns, options)
        if lost or (options["check"] and needed):
            sys.exit(1)

    def _reseal(self, town: Any, options: dict[str, Any]) -> bool:
        """Seal one town anew; return whether some of its fields cannot be opened."""

        def said(table: str, rows: int) -> None:
            if not options["json"]:
                self.stdout.write(f"{town.code}: {table}: {rows}")
                self.stdout.flush()

        done = rotation.run(by=CLOCK, at=timezone.now(), most=options["batch"], said=said)
        if options["json"]:
            self.stdout.write(json.dumps({"town": town.code, "resealed": done.resealed, "unopened": [f"{table}:{pk}" for table, pk in done.unopened]}))
        else:
            self.stdout.write(f"{town.code}: {done.resealed} rows sealed anew")
        for table, pk in done.unopened:
            self.stderr.write(f"{town.code}: {table} {pk} is sealed under a key that GONGZHI_FIELD_KEY does not have; it stays as it is")
        return bool(done.unopened)

    def _check(self, towns: list[Any], options: dict[str, Any]) -> bool:
        """Say what depends on each key in all towns; return whether an old key is still needed."""
        values: dict[str, int] = {}
        may_go: dict[str, bool] = {}
        first: dict[str, bool] = {}
        known: dict[str, bool] = {}
        for town in towns:
            with in_town(town.pk):
                for state in queries.key_states(seen_by=CLOCK):
                    values[state.name] = values.get(state.name, 0) + state.values
                    may_go[state.name] = may_go.get(state.name, True) and state.may_be_taken_away
                    first[state.name], known[state.name] = state.is_first, state.is_known
        needed = False
        for name, number in values.items():
            if options["json"]:
                told = {"key": name or None, "first": first[name], "in_setting": known[name], "values": number, "may_be_taken_away": may_go[name]}
                self.stdout.write(json.dumps(told))
            elif first[name]:
                self.stdout.write(f"key {name} seals: {number} values")
            elif not known[name]:
                self.stdout.write(f"{number} values say no key" if not name else f"key {name} is not in GONGZHI_FIELD_KEY, and {number} values need it")
            elif may_go[name]:
                self.stdout.write(f"key {name} may be taken away")
            else:
                self.stdout.write(f"key {name} is still needed ({number} values may be under it): run ./gongzhi reseal")
            needed = needed or (not first[name] and not may_go[name])
        return needed
