"""What holds for every address, before and after all else: HEAD, text that is not UTF-8, addresses that only take acts."""

import codecs
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError
from django.urls import resolve
from django.utils.translation import gettext_noop

from gongzhi.config import faults
from gongzhi.kernel.web import wants_json

NOT_UTF8 = gettext_noop("What was sent is not text in UTF-8. Send it in UTF-8; nothing was kept.")
STRICT = "gongzhi-utf8"
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


class NotUtf8(BadRequest):
    """Bytes that are no text in UTF-8: kept with replacement signs, they would be lost for good."""


def _strict(name: str) -> codecs.CodecInfo | None:
    """Return a UTF-8 that ignores the wish for replacement signs: the parser of multipart forms always wishes for them."""
    if name.replace("_", "-") != STRICT:
        return None

    def decode(given: Any, errors: str = "strict") -> tuple[str, int]:
        try:
            return codecs.utf_8_decode(given, "strict", True)
        except UnicodeDecodeError:
            raise NotUtf8 from None

    return codecs.CodecInfo(codecs.utf_8_encode, decode, name=STRICT)


codecs.register(_strict)


def _check_text(request: HttpRequest) -> None:
    """Raise NotUtf8 when the query or a form holds bytes that are not UTF-8."""
    query = request.META.get("QUERY_STRING", "")
    if query and ("%" in query or not query.isascii()):
        _check(query.encode("latin-1", "replace"))
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.content_type == FORM:
        _check(request.body)
    elif request.content_type == PARTS:
        request.parse_file_upload = lambda meta, data: MultiPartParser(meta, data, request.upload_handlers, STRICT).parse()  # type: ignore[method-assign,assignment]
        given = request.POST
        given.encoding = "utf-8"


def _check(given: bytes) -> None:
    try:
        unquote_to_bytes(given).decode("utf-8")
    except UnicodeDecodeError:
        raise NotUtf8 from None


class EdgeMiddleware:
    """Stands before all else but the health probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request: HEAD as GET without its body, what is not UTF-8 with 400, GET of an act's address with the page it belongs to."""
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        try:
            _check_text(request)
        except NotUtf8:
            return faults.bad_request(request, sentence=NOT_UTF8, code="NotUtf8")
        except (MultiPartParserError, RequestDataTooBig, UnreadablePostError):
            pass  # told by whoever reads the form, in its own way
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not wants_json(request):
            page = _page_of(request.path)
            if page is not None:
                response = HttpResponseRedirect(page)  # the other one has no body; closing it would end the request, and its connection, too early
                response.headers["Cache-Control"] = "no-store"
        return _without_body(response) if is_head else response


def _page_of(path: str) -> str | None:
    """Return the address of the nearest page above one that takes only acts; None for what is no page at all (sign-in is asked for there)."""
    parts = path.strip("/").split("/")
    while parts:
        parts.pop()
        above = "/" + "".join(f"{part}/" for part in parts)
        try:
            resolve(above)
        except Http404:
            continue
        return above
    return None


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = iter(())
    elif isinstance(response, HttpResponse):
        length = len(response.content)
        response.content = b""
        response.headers["Content-Length"] = str(length)
    return response
