"""The product as people meet it: real processes, a real browser."""

import os
import shutil

import pytest

from gongzhi.config.demo.accounts import PASSWORD
from tests.installation import installed

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def installation():
    """Make an installation with small demo towns, web, worker and gateway running."""
    with installed(12) as made:
        made.start_web()
        made.start_worker()
        made.gateway_port = made.start_gateway()
        yield made


@pytest.fixture(scope="module")
def browser():
    """Start Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("GONGZHI_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        )
        yield started
        started.close()


@pytest.fixture
def visit(installation, browser):
    """Return a function that opens a page for somebody: visit("grid", PHONE); every error on a page fails the test."""
    contexts, errors = [], []

    def open_page(username="", viewport=DESK, **more):
        context = browser.new_context(viewport=viewport, base_url=installation.address, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.on("console", lambda said: errors.append(f"{page.url}: {said.text}") if said.type == "error" and "ERR_INTERNET" not in said.text else None)
        if username:
            page.goto("/sign-in/")
            page.fill("[name=username]", username)
            page.fill("[name=password]", PASSWORD)
            page.click("form.stack button[type=submit]")
            page.wait_for_url(lambda url: "/sign-in/" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    unexpected = [error for error in errors if "net::" not in error and "Failed to load resource" not in error]
    assert not unexpected, unexpected
