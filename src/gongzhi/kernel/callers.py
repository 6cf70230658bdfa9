"""Where a caller is: the address behind the proxies that the installation names, for limits that count by address.

A proxy adds whom it heard from at the end of `X-Forwarded-For`; what stands before may be anybody's invention. So the list is read
from its end, and only as far as trusted proxies vouch for it. Whoever is no trusted proxy is the caller, whatever they say.
"""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HOME = 64  # bits of an IPv6 address that name a connection; its owner chooses the rest at will (RFC 6177)


def address_of(request: HttpRequest) -> str:
    """Return the address of whoever sent a request, "" where none is known."""
    return told(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))


def told(peer: str, forwarded: str) -> str:
    """Return the caller's address by whom we are connected to and what `X-Forwarded-For` says."""
    trusted = networks(tuple(settings.TRUSTED_PROXIES))
    here = _read(peer)
    if here is None:
        return peer
    for part in reversed(forwarded.split(",") if forwarded else []):
        if not within(here, trusted):
            break
        before = _read(part.strip())
        if before is None:  # "unknown", or a name: the proxy that said it is the last that is known
            break
        here = before
    return str(here)


def group(address: str) -> str:
    """Return by what an address is counted: itself, of IPv6 the network of its connection."""
    found = _read(address)
    return str(ipaddress.ip_network((found, HOME), strict=False)) if isinstance(found, ipaddress.IPv6Address) else address


@lru_cache(maxsize=16)
def networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the networks that a setting names, addresses among them; raise ValueError."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in named)


def within(address: Address, among: Iterable[Network]) -> bool:
    """Return whether an address lies in one of the networks."""
    return any(address.version == network.version and address in network for network in among)


def _read(text: str) -> Address | None:
    """Return an address, of IPv4 in IPv6 the IPv4 one; without a port that some proxies add."""
    plain = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text.rpartition(":")[0] if text.count(":") == 1 else text
    try:
        found = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
