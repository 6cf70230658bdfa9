"""Ports: which are free, and holding one while what will listen on it is being made ready.

A port that was found free once may be taken a minute later. What is chosen is therefore bound at once and held; whoever knocks at the
web server's port meanwhile reads that the town is being loaded.
"""

import contextlib
import errno
import socket
import threading
from collections.abc import Callable

from gongzhi.config.installation import CannotRun

TRIED = 200
NOT_YET = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\nRetry-After: 3\r\nRefresh: 3\r\nCache-Control: no-store\r\n"
    "Connection: close\r\n\r\n<!doctype html><html lang=zh><meta name=viewport content='width=device-width'><title>共治 gongzhi</title>"
    "<p>小镇正在装入，页面会自动刷新。<p lang=en>The towns are being loaded; this page comes back by itself."
).encode()


def check_port(host: str, port: int, option: str, what: str) -> None:
    """Stop with a clear sentence when the port cannot be had."""
    check_range(port, option)
    try:
        _listening(host, port).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotRun(
                f"Port {port} is taken by another program, so the {what} cannot start. "
                f"Choose another one: {option} {free_port(host, port + 1)}"
            ) from None
        raise CannotRun(f"The {what} cannot have port {port} at {host}: {error.strerror}. Choose another one with {option}.") from None


def check_range(port: int, option: str) -> None:
    """Stop when this is no port at all."""
    if not 0 < port < 65536:
        raise CannotRun(f"{option} must be between 1 and 65535, not {port}.")


def free_port(host: str, begin: int) -> int:
    """Return the first free port from `begin` on."""
    for port in range(begin, min(begin + TRIED, 65536)):
        with contextlib.suppress(OSError):
            _listening(host, port).close()
            return port
    return begin


def _listening(host: str, port: int) -> socket.socket:
    family, _kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(16)
    except OSError:
        opened.close()
        raise
    return opened


class Held:
    """A port that is ours from now on, until `release()`: the one wanted, or the next free one, which is told."""

    def __init__(self, host: str, wanted: int, option: str, what: str, say: Callable[[str], None], *, answers: bool = False) -> None:
        if option:
            check_range(wanted, option)
        self._opened = self._first_free(host, wanted, option, what)
        self.port: int = self._opened.getsockname()[1]
        if self.port != wanted:
            say(f"Port {wanted} is taken by another program; the {what} takes {self.port}.")
        if answers:
            threading.Thread(target=self._answer, name="not-yet", daemon=True).start()

    def _first_free(self, host: str, wanted: int, option: str, what: str) -> socket.socket:
        for port in range(wanted, min(wanted + TRIED, 65536)):
            try:
                return _listening(host, port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    how = f" Choose another one with {option}." if option else ""
                    raise CannotRun(f"The {what} cannot have port {port} at {host}: {error.strerror}.{how}") from None
        raise CannotRun(f"No port from {wanted} to {wanted + TRIED - 1} is free for the {what}.{f' Choose another one with {option}.' if option else ''}")

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _address = self._opened.accept()
                with caller, contextlib.suppress(OSError):
                    caller.settimeout(2)
                    caller.recv(4096)
                    caller.sendall(NOT_YET)

    def release(self) -> None:
        """Let the port go, for the process that will listen on it."""
        with contextlib.suppress(OSError):
            self._opened.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for callers
        self._opened.close()
