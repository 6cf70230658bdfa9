"""`./gongzhi found-town CODE NAME`."""

import json
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.operation import Refused
from gongzhi.portal import operations


class Command(BaseCommand):
    """Found a town and make its first administrator; the rest is set in the browser."""

    help = "found a town with its first administrator, or give one that an import founded its administrator; the rest is set at /administration/"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="first label of its host name, such as yunxi")
        parser.add_argument("name", nargs="?", default="", help="its name in Chinese, such as 云溪小镇 (not needed for a town that an import founded)")
        parser.add_argument("--short", help="stands in case numbers, such as 云溪 (default: the first two characters of the name)")
        parser.add_argument("--english", default="", help="its name in English")
        parser.add_argument("--division", default="", metavar="CODE", help="statistical division code")
        parser.add_argument("--host", action="append", default=[], help="a host name that leads to it (may be repeated)")
        parser.add_argument("--time-zone", default="Asia/Shanghai")
        parser.add_argument("--default", action="store_true", help="it answers at addresses that name no town (the first town does in any case)")
        parser.add_argument("--admin", default="admin", metavar="NAME", help="log-in name of the first administrator (default admin)")
        parser.add_argument("--admin-name", default="", metavar="NAME", help="the administrator's own name, kept sealed")
        parser.add_argument("--json", action="store_true", help="print one JSON line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ZoneInfo(options["time_zone"])
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"--time-zone: there is no time zone {options['time_zone']!r}.") from error
        towns = territory.towns(seen_by=ANYONE)
        if options["default"] and towns.filter(is_default=True).exists():
            raise CommandError("--default: another town is the default one.")
        by, at = system("founding"), timezone.now()
        is_there = towns.filter(code=options["code"]).exists()
        if not is_there and not options["name"]:
            raise CommandError(f"There is no town {options['code']} yet: give its name too (found-town {options['code']} NAME).")
        with translation.override("zh-hans"):
            try:
                town, user, password = operations.staff_town(
                    by=by, at=at, code=options["code"], administrator=options["admin"], administrator_name=options["admin_name"]
                ) if is_there else operations.open_town(
                    by=by, at=at, code=options["code"], name=options["name"], short_name=options["short"] or options["name"][:2],
                    name_en=options["english"], division_code=options["division"], hosts=tuple(options["host"]),
                    is_default=options["default"] or not towns.filter(is_default=True).exists(), time_zone=options["time_zone"], administrator=options["admin"],
                    administrator_name=options["admin_name"],
                )  # fmt: skip
            except Refused as refused:
                raise CommandError(str(refused)) from refused
        self._tell(town, user, password, options["json"], "has its administrator now" if is_there else "is founded")

    def _tell(self, town: Any, user: Any, password: str, as_json: bool, done: str) -> None:
        if as_json:
            self.stdout.write(json.dumps({"town": town.code, "username": user.username, "password": password}))
            return
        address = _address(town)
        self.stdout.write(f"{town.name} ({town.code}) {done}.\n\n  log-in:   {user.username}\n  password: {password}\n")
        self.stdout.write(f"Sign in at {address}/sign-in/ (it asks for a second factor first) and go on at {address}/administration/.")
        self.stdout.write("The password is shown only now; change it at /account/password/.")


def _address(town: Any) -> str:
    """Return where a town answers: at a host of its own, at the installation's address if it is the default one, else at its code before that."""
    public = urlsplit(settings.PUBLIC_URL)
    if town.hosts:
        return f"{public.scheme}://{town.hosts[0]}"
    if town.is_default:
        return str(settings.PUBLIC_URL).rstrip("/")
    host = "localhost" if public.hostname in ("127.0.0.1", "::1", "localhost") else public.hostname
    return f"{public.scheme}://{town.code}.{host}" + (f":{public.port}" if public.port else "")
