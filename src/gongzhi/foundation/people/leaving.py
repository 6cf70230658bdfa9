"""What else ends when somebody signs out 退出登录. Modules above register what they keep for a browser, without being known here."""

from collections.abc import Callable

from django.http import HttpRequest

Ended = Callable[[HttpRequest], None]
_known: list[Ended] = []


def register(ended: Ended) -> Ended:
    """Let a module end what it keeps for the browser that signs out; called while the person is still known."""
    if ended not in _known:
        _known.append(ended)
    return ended


def end(request: HttpRequest) -> None:
    """End everything that was registered."""
    for ended in _known:
        ended(request)
