"""Every page can be walked: what stands between the slashes of its address is known."""

from tests.walk import pages


def test_every_parameter_of_an_address_can_be_filled():
    assert not pages.unfilled(), "\n".join(pages.unfilled())


def test_what_is_said_of_addresses_is_said_of_real_ones():
    known = {address.name for address in pages.addresses()}
    told = {*pages.OF, *pages.DRAFTED, *pages.NO_PAGES}
    assert told <= known, told - known
