"""Every page can be walked: what stands between the slashes of its address is known; its colours are those of its reader."""

import re
from pathlib import Path

import gongzhi
from tests.walk import pages

SRC = Path(gongzhi.__file__).parent


def test_every_parameter_of_an_address_can_be_filled():
    assert not pages.unfilled(), "\n".join(pages.unfilled())


def test_what_is_said_of_addresses_is_said_of_real_ones():
    known = {address.name for address in pages.addresses()}
    told = {*pages.OF, *pages.DRAFTED, *pages.NO_PAGES}
    assert told <= known, told - known


def test_dark_colours_are_for_dark_screens_only():
    """`not print and (…)` negates the whole query and is true on every light screen; paper is light whatever the reader chose."""
    text = (SRC / "portal/static/portal/tokens.css").read_text(encoding="utf-8")
    blocks = re.findall(r"@media ([^{]+)\{\s*:root(?:\[data-theme=\"dark\"\]|:not\(\[data-theme\]\)) \{\s*color-scheme: dark", text)
    assert [block.strip() for block in blocks] == ["screen", "screen and (prefers-color-scheme: dark)"]
    assert text.count("color-scheme: dark;") == 2
