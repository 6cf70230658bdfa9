"""Who calls is read behind trusted proxies only, and IPv6 is counted by connection."""

import pytest

from gongzhi.kernel import callers


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what stands before is the caller's own invention
        ("127.0.0.1", "198.51.100.7, 10.1.2.3", "198.51.100.7"),  # two proxies of ours
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "198.51.100.7:4711", "198.51.100.7"), ("127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("127.0.0.1", "198.51.100.7, unknown", "127.0.0.1"), ("127.0.0.1", "", "127.0.0.1"),
        ("198.51.100.8", "203.0.113.9", "198.51.100.8"),  # no proxy of ours: nothing it says counts
        ("", "203.0.113.9", ""), ("testclient", "203.0.113.9", "testclient"),
    ],
)  # fmt: skip
def test_address_behind_trusted_proxies(settings, peer, forwarded, caller):
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.1.0.0/16"]
    assert callers.told(peer, forwarded) == caller


def test_trusts_nobody_unless_told(settings, rf):
    settings.TRUSTED_PROXIES = []
    assert callers.address_of(rf.get("/", headers={"x-forwarded-for": "203.0.113.9"})) == "127.0.0.1"


def test_counts_a_connection_of_ipv6_as_one():
    assert callers.group("2001:db8:1:2::3") == callers.group("2001:db8:1:2:ffff::") != callers.group("2001:db8:1:3::3")
    assert callers.group("198.51.100.7") == "198.51.100.7"
