"""One port: pages through threads (WSGI), live streams natively async, neither able to stop the other.

Django's own ASGI handler halves the rate of ordinary pages; a small dispatcher keeps both fast on one port.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.base")

from django.core.wsgi import get_wsgi_application

from gongzhi.config.serving import Pages
from gongzhi.kernel import live

_pages = Pages(get_wsgi_application(), threads=int(os.environ.get("GONGZHI_THREADS", "8")))


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    """Dispatch: /live/ to the streams, everything else to the pages."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "http" and scope["path"] == "/live/":
        await live.serve(scope, receive, send)
    else:
        await _pages(scope, receive, send)
