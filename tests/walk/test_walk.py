"""Every page, as whoever it is for: light and dark, phone and desk, Chinese and English; nothing of it is broken or closed to anybody."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError

from tests.installation import installed
from tests.journeys.conftest import browser as browser
from tests.journeys.test_alarm_loop import send
from tests.walk import pages as walks
from tests.walk import texts

DESK, PHONE, SMALL = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 360, "height": 740}
ZOOMED = {"width": 640, "height": 450}  # what is left of a desk at 200 %
HOME_BYTES = 150_000
_AXE = """async (rules) => {
  const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
  const result = await axe.run(document, { ...only, resultTypes: ["violations"] });
  const why = (node) => [...node.any, ...node.all, ...node.none].map((one) => one.message).join("; ").slice(0, 240);
  const told = (node) => `${node.target.join(" ")} ${node.html.slice(0, 140)} ${why(node)}`;
  return result.violations.map((one) => `${one.id} (${one.impact}): ${one.help}: ${one.nodes.slice(0, 3).map(told).join(" | ")}`);
}"""
_WIDE = """(width) => document.documentElement.scrollWidth <= width ? [] :
  [...document.querySelectorAll("body *")].filter((node) => {
    if (node.closest("[hidden], .tablewrap, .scrolls") || getComputedStyle(node).position === "fixed") return false;
    return node.getBoundingClientRect().right > width + 1;
  }).slice(0, 4).map((node) => `${node.tagName.toLowerCase()}.${node.className}`).concat([`${document.documentElement.scrollWidth} px wide`])"""


class Walk:
    """A browser in which each reader has one page; what is wrong is gathered, so that one run tells all."""

    def __init__(self, base, browser, readers):
        self.base, self.browser, self.readers = base, browser, readers
        self.faults: list[str] = []
        self.tabs: dict[str, object] = {}
        self.axe = Axe().axe_script

    def tab(self, reader):
        """Return the page of a reader, signed in."""
        if reader not in self.tabs:
            context = self.browser.new_context(viewport=DESK, base_url=self.base, reduced_motion="reduce", locale="zh-CN")
            context.set_default_timeout(60_000)
            if reader in self.readers.clients:
                for cookie in self.readers.clients[reader].cookies.jar:
                    context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": self.base}])
            page = context.new_page()
            page.on("pageerror", lambda error: self.say(page, f"script failed: {error}"))
            page.on("console", lambda said: self.hear(page, said))
            page.on("request", lambda asked: self._ours(page, asked.url))
            self.tabs[reader] = page
        return self.tabs[reader]

    def hear(self, page, said):
        """Keep what the console calls an error, but that the field app hears that nobody is signed in: it says so on the page."""
        asks_to_sign_in = "401" in said.text and urlsplit(page.url).path.startswith("/field/")
        if said.type == "error" and not asks_to_sign_in:
            self.say(page, f"console: {said.text}")

    def say(self, page, sentence):
        """Keep a fault with the page it was found on."""
        self.faults.append(f"{urlsplit(page.url).path or page.url}: {sentence}")

    def _ours(self, page, url):
        told = urlsplit(url)
        if told.scheme in ("http", "https", "ws", "wss") and told.netloc != urlsplit(self.base).netloc:
            self.say(page, f"asks another host: {url}")

    def go(self, reader, path):
        """Open a page and look at it."""
        page = self.tab(reader)
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            self.faults.append(f"{path} ({reader or 'anybody'}): answers {answer and answer.status}")
            return
        try:
            self.look(page, reader)
        except PlaywrightError as error:  # such as a page that leads on by itself; the others are looked at all the same
            self.faults.append(f"{path} ({reader or 'anybody'}): {str(error).splitlines()[0]}, then at {page.url}")

    def look(self, page, reader):
        """Look at the page that is open: axe, widths, words; then the same page in English."""
        page.wait_for_load_state("load")
        if page.query_selector("#field-app"):
            page.wait_for_selector("#field-app[data-ready]")  # drawn by its script from what the phone keeps
        who = reader or "anybody"
        page.evaluate(self.axe)
        for name, viewport in (("1280", DESK), ("390", PHONE)):
            page.set_viewport_size(viewport)
            for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                for found in page.evaluate(_AXE, rules):
                    self.say(page, f"({who}, {name}, {scheme}) {found}")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self._narrow(page, who, "zh")
        for text in texts.strangers(page.evaluate(texts.READ), "zh"):
            self.say(page, f"({who}) English on a Chinese page: {text}")
        page.context.add_cookies([{"name": "django_language", "value": "en", "url": self.base}])
        page.reload()
        self._narrow(page, who, "en")
        for text in texts.strangers(page.evaluate(texts.READ), "en", self.readers.titles):
            self.say(page, f"({who}) Chinese on an English page: {text}")
        page.context.clear_cookies(name="django_language")
        page.set_viewport_size(DESK)

    def _narrow(self, page, who, language):
        for viewport in (ZOOMED, SMALL):
            page.set_viewport_size(viewport)
            wide = page.evaluate(_WIDE, viewport["width"])
            if wide:  # charts are drawn anew a moment after the width has changed
                page.wait_for_timeout(500)
                wide = page.evaluate(_WIDE, viewport["width"])
            if wide:
                self.say(page, f"({who}, {language}) scrolls sideways at {viewport['width']} px: {', '.join(wide)}")

    def end(self):
        """Close every reader's context."""
        for page in self.tabs.values():
            page.context.close()


def _reach(page, selector: str) -> None:
    """Press Tab until an element that fits is in focus; it must show that it is."""
    for _press in range(150):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """(selector) => {
              const node = document.activeElement, drawn = node && getComputedStyle(node);
              return node?.matches(selector) ? [drawn.outlineStyle, drawn.boxShadow, drawn.borderColor] : null;
            }""", selector,
        )  # fmt: skip
        if found:
            assert found[0] != "none" or found[1] != "none", f"{selector} does not show that it is in focus"
            return
    raise AssertionError(f"{page.url}: {selector} cannot be reached by Tab")


def file_some(base: str) -> None:
    """File what a quiet demo may lack: one need that nobody has in hand, with a category and one without."""
    told = httpx.get(f"{base}/areas.geojson").json()["features"]
    longitude, latitude = next(area for area in told if area["properties"]["level"] == "grid")["properties"]["label_point"]
    for need in (
        {"text": "溪西花苑门口有一处说不清的异味，夜里更重", "address": "溪西花苑"},
        {"text": "文昌路中段的路灯不亮", "category": "H101", "longitude": longitude, "latitude": latitude},
    ):
        assert httpx.post(f"{base}/api/v1/reports", json=need).status_code == 201


@pytest.fixture(scope="module")
def installation():
    with installed(40) as made:
        made.start_web()
        made.start_worker()
        file_some(made.address)
        send(made.start_gateway(), [130.0, 131.0, 132.0])  # a stretch beyond a limit
        yield made


@pytest.fixture(scope="module")
def readers(installation) -> walks.Readers:
    return walks.Readers(installation.address, installation.cluster.owner_url)


@pytest.fixture
def walk(installation, browser, readers) -> Iterator[Walk]:
    made = Walk(installation.address, browser, readers)
    yield made
    made.end()


@pytest.mark.browser
class TestEveryPage:
    def test_is_whole_in_both_languages_and_themes_on_phone_and_desk(self, walk, readers):
        found, closed = readers.pages()
        assert len(found) > 40
        acts = readers.acts()
        assert len(acts) > 12
        again = [walks.Page(reader, path) for reader, path in walks.AGAIN]
        for page in [*found, *acts, *again]:
            walk.go(page.reader, page.path)
        assert not [*closed, *walk.faults], "\n".join(["", *closed, *dict.fromkeys(walk.faults)])

    def test_the_steps_of_a_report_are_whole_too(self, walk):
        page = walk.tab("reporter")
        page.goto("/report/")
        page.click("button[name=go][value=next]")
        page.wait_for_url("**/report/place/")
        walk.look(page, "reporter")
        page.fill("#id_address", "溪西花苑东门")
        page.locator("button[name=go][value=next]").click()
        page.wait_for_url("**/report/words/")
        walk.look(page, "reporter")
        page.fill("#id_text", "溪西花苑东门有一处说不清的气味")
        for step in ("kind", "contact"):
            page.goto(f"/report/{step}/")
            walk.look(page, "reporter")
        page.goto("/report/words/")
        page.fill("#id_text", "溪西花苑东门有一处说不清的气味")
        for _try in range(3):  # what was suggested, or may be the same, is shown before anything is sent
            page.locator(".flow-foot button[type=submit]").last.click()
            page.wait_for_load_state()
            if "/report/sent/" in page.url:
                break
        page.wait_for_url("**/report/sent/**")
        walk.look(page, "reporter")
        slug = re.search(r"/report/sent/([\d-]+)/", page.url)[1]
        walk.go("reporter", f"/follow/{slug}/")
        assert not walk.faults, "\n".join(["", *dict.fromkeys(walk.faults)])

    def test_a_report_needs_no_mouse(self, walk):
        page = walk.tab("keys")
        page.goto("/")
        _reach(page, "a[href='/report/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/report/")
        _reach(page, "button[name=go][value=next]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/report/place/")
        _reach(page, "#id_address")
        page.keyboard.type("溪西花苑东门")
        _reach(page, "button[name=go][value=next]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/report/words/")
        _reach(page, "#id_text")
        page.keyboard.type("溪西花苑东门夜里有一处说不清的声音")
        for _try in range(3):  # what was suggested, or may be the same, is shown before anything is sent
            _reach(page, ".flow-foot button[type=submit]")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            if "/report/sent/" in page.url:
                break
        page.wait_for_url("**/report/sent/**")
        assert page.locator(".senthead .num").inner_text()
        assert not walk.faults, "\n".join(["", *dict.fromkeys(walk.faults)])

    def test_large_and_simple_mode_is_whole(self, walk):
        page = walk.tab("large")
        page.context.add_cookies([{"name": "gongzhi_size", "value": "large", "url": walk.base}])
        for path in ("/", "/report/", "/follow/", "/sign-in/", "/map/", "/environment/"):
            walk.go("large", path)
        assert not walk.faults, "\n".join(["", *dict.fromkeys(walk.faults)])

    def test_the_home_is_light(self, installation, browser):
        context = browser.new_context(viewport=PHONE, base_url=installation.address)
        page = context.new_page()
        wire, sizes, urls = context.new_cdp_session(page), {}, {}
        wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", lambda told: urls.update({told["requestId"]: told["request"]["url"]}))
        wire.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
        page.goto("/", wait_until="networkidle")
        carried = {urls[key]: size for key, size in sizes.items() if "maplibre" not in urls[key] and ".geojson" not in urls[key]}
        context.close()
        assert 1000 < sum(carried.values()) <= HOME_BYTES, carried
