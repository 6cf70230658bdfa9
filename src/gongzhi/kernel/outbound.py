"""Where this machine may be sent to by an address that somebody typed: feeds, gateways, OpenID providers.

Who may name an address is not therefore allowed to reach through us what stands behind the same wall: this machine, the private net,
the metadata of a cloud. So a name is resolved here, every address of it must be a public one, and the connection goes to exactly the
address that was looked at (a name may answer otherwise the next time). Redirects are not followed. What the installation itself
names in `GONGZHI_OUTBOUND_ALLOWED` (host names, addresses, networks) may be reached wherever it stands.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from gongzhi.kernel import callers

if TYPE_CHECKING:
    import httpx

# beyond what Python calls global: addresses that lead to others (RFC 6052, RFC 3056), and clouds' own that look public
NOT_PUBLIC = callers.networks(("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128"))


class Forbidden(OSError):
    """An address that may not be reached from here; the words are for whoever typed it. An OSError: whoever minds the line minds this too."""


def addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host that may be connected to; raise Forbidden, or OSError where it has none."""
    found = list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    if is_named(host):
        return found
    for one in found:
        if not is_open(one):
            raise Forbidden(
                _("%(host)s stands on this machine or in a private net, which may not be reached from here unless the installation allows it.") % {"host": host}
            )
    return found


def is_named(host: str) -> bool:
    """Return whether the installation allows a host by its name."""
    return host.lower().rstrip(".") in {one.lower() for one in settings.OUTBOUND_ALLOWED}


def is_open(address: str) -> bool:
    """Return whether an address is a public one, or allowed by the installation."""
    try:
        found: callers.Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    allowed = callers.networks(tuple(one for one in settings.OUTBOUND_ALLOWED if _is_network(one)))
    if callers.within(found, allowed):
        return True
    return found.is_global and not found.is_multicast and not callers.within(found, NOT_PUBLIC)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def connect(host: str, port: int, timeout: float | None, source: tuple[str, int] | None = None) -> socket.socket:
    """Return a connection to a host, at an address that was looked at; raise OSError."""
    failed: OSError = OSError(f"{host}: no address")
    for address in addresses(host, port):
        try:
            return socket.create_connection((address, port), timeout=timeout, source_address=source)
        except OSError as error:
            failed = error
    raise failed


def client(*, timeout: float) -> "httpx.Client":
    """Return a client for HTTP whose every connection goes through `connect`; it follows no redirect and no proxy of the environment."""
    import httpcore
    import httpx
    from httpcore._backends.sync import SyncStream

    class Guarded(httpcore.NetworkBackend):
        def connect_tcp(self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
                        socket_options: Any = None) -> httpcore.NetworkStream:  # fmt: skip
            try:
                made = connect(host, port, timeout, (local_address, 0) if local_address else None)
            except TimeoutError as error:
                raise httpcore.ConnectTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.ConnectError(str(error)) from error
            for option in socket_options or ():
                made.setsockopt(*option)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return SyncStream(made)

    transport = httpx.HTTPTransport()
    transport._pool = httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(), network_backend=Guarded())
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


def _ask(how: str) -> Callable[..., "httpx.Response"]:
    def ask(address: str, *, timeout: float, **more: Any) -> "httpx.Response":
        with client(timeout=timeout) as asking:
            return asking.request(how, address, **more)

    return ask


get, post = _ask("GET"), _ask("POST")
