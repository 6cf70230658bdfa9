"""One port: pages through threads (WSGI), live streams natively async.

Django's own ASGI handler halves the rate of ordinary pages; a small dispatcher keeps both fast on one port.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.base")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

_streams = get_asgi_application()
_pages = WSGIMiddleware(get_wsgi_application(), workers=int(os.environ.get("GONGZHI_THREADS", "8")))  # type: ignore[arg-type]  # two words for one WSGI


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    """Dispatch: /live/ to the async side, everything else to the pages."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "http" and scope["path"].startswith("/live/"):
        await _streams(scope, receive, send)
    else:

        async def hear():  # type: ignore[no-untyped-def]
            return await receive()  # the bridge wants coroutines; servers may give any awaitable

        async def say(message):  # type: ignore[no-untyped-def]
            await send(message)

        await _pages(scope, hear, say)
