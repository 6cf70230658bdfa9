"""Typed addresses lead to public hosts only, at the address that was looked at, and no further."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from gongzhi.kernel import outbound

BEHIND = ["127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "224.0.0.1",
          "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
          "2002:7f00:1::", "ff02::1", "no address"]  # fmt: skip


@pytest.mark.parametrize("address", BEHIND)
def test_refuses_what_stands_behind_the_wall(settings, address):
    settings.OUTBOUND_ALLOWED = []
    assert not outbound.is_open(address)


@pytest.mark.parametrize("address", ["223.5.5.5", "8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8", "172.15.255.255", "172.32.0.0", "192.167.255.255", "11.0.0.0"])
def test_lets_public_addresses_be_reached(settings, address):
    settings.OUTBOUND_ALLOWED = []
    assert outbound.is_open(address)


def test_allows_what_the_installation_names(settings, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_more: [(2, 1, 6, "", ("10.1.2.3", port))])
    settings.OUTBOUND_ALLOWED = []
    with pytest.raises(outbound.Forbidden):
        outbound.addresses("broker.town", 1883)
    for named in ("broker.town", "Broker.Town", "10.1.2.0/24", "10.1.2.3"):
        settings.OUTBOUND_ALLOWED = [named]
        assert outbound.addresses("broker.town", 1883) == ["10.1.2.3"]
    settings.OUTBOUND_ALLOWED = ["10.1.3.0/24", "other.town"]
    with pytest.raises(outbound.Forbidden):
        outbound.addresses("broker.town", 1883)


def test_refuses_a_name_one_of_whose_addresses_is_private(settings, monkeypatch):
    settings.OUTBOUND_ALLOWED = []
    told = [(2, 1, 6, "", ("8.8.8.8", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_more: told)
    with pytest.raises(outbound.Forbidden):
        outbound.addresses("two.example", 80)
    told.pop()
    assert outbound.addresses("two.example", 80) == ["8.8.8.8"]


@pytest.fixture
def served():
    """Serve one page that leads elsewhere; give its port and what was asked."""
    asked = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.headers["Host"], self.path))
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words):
            return

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()


def test_asks_at_the_address_that_was_looked_at_and_follows_nobody(settings, monkeypatch, served):
    port, asked = served
    looked = []

    def once(host, port, *_given, **_more):
        looked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if host in ("named.example", "127.0.0.1") else "0.0.0.0", port))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    answer = outbound.get(f"http://named.example:{port}/here", timeout=5)
    assert answer.status_code == 302
    assert asked == [(f"named.example:{port}", "/here")]
    assert [host for host in looked if host != "127.0.0.1"] == ["named.example"]  # afterwards only the address itself
    settings.OUTBOUND_ALLOWED = []
    with pytest.raises(httpx.ConnectError, match=r"named\.example"):
        outbound.get(f"http://named.example:{port}/here", timeout=5)
    assert len(asked) == 1
