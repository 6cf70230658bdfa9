"""`./gongzhi screenshots`: the pictures of the README, taken from a running demo."""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

# name, who looks ("" = anybody), address, width, height
PICTURES = (
    ("home", "", "/", 1280, 900), ("home-phone", "", "/", 390, 844), ("report-phone", "", "/report/", 390, 844), ("map", "", "/map/", 1280, 800),
    ("ledger", "", "/ledger/", 1280, 900), ("station", "", "/stations/dye-outlet/", 1280, 900), ("desk", "utilities", "/desk/?queue=unit", 1280, 800),
    ("cockpit", "committee", "/cockpit/", 1920, 1080), ("environment", "", "/environment/", 1280, 900),
    ("forecast", "ecology", "/stations/air-square/forecast/", 1280, 1000), ("field-phone", "grid", "/field/", 390, 844),
)  # fmt: skip


class Command(BaseCommand):
    """Take the pictures anew."""

    help = "take the screenshots of the docs from a running demo"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base", default="http://127.0.0.1:8000", help="where the demo runs")
        parser.add_argument("--into", default="docs/screenshots")

    def handle(self, *args: Any, **options: Any) -> None:
        from playwright.sync_api import sync_playwright

        program = shutil.which("chromium")
        if program is None:
            raise CommandError("There is no Chromium; install it: apt-get install chromium fonts-noto-cjk")
        into = Path(options["into"])
        into.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
            )
            for name, who, address, width, height in PICTURES:
                page = browser.new_page(viewport={"width": width, "height": height}, base_url=options["base"])
                if who:
                    page.goto("/sign-in/")
                    page.fill("[name=username]", who)
                    page.fill("[name=password]", "gongzhi-demo-2026")
                    page.click("form.stack button[type=submit]")
                    page.wait_for_url(lambda url: "/sign-in/" not in url)
                page.goto(address)
                page.wait_for_timeout(2500)
                page.screenshot(path=str(into / f"{name}.jpg"), type="jpeg", quality=72)
                self.stdout.write(str(into / f"{name}.jpg"))
                page.close()
            browser.close()
