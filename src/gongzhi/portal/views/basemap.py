"""The town's own base map, read by browsers in small ranges."""

import re
from email.utils import formatdate

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from gongzhi.portal import basemaps

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
MOST = 8_000_000  # bytes of one answer; a reader of PMTiles asks for some kilobytes


@require_safe
def base_map(request: HttpRequest) -> HttpResponseBase:
    """Give the file or one range of it (RFC 9110, 14); several ranges at once are answered with the whole, as the RFC allows."""
    file = basemaps.file_of(request.town)  # type: ignore[attr-defined]
    if file is None:
        raise Http404
    told = file.stat()
    etag = f'"{told.st_mtime_ns:x}-{told.st_size:x}"'
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    answer: HttpResponseBase
    if asked is None or asked[1] + asked[2] == "" or request.headers.get("If-Range", etag) != etag:
        answer = FileResponse(file.open("rb"), content_type="application/octet-stream")
    else:
        begin = int(asked[1]) if asked[1] else max(0, told.st_size - int(asked[2]))
        end = min(int(asked[2]) if asked[1] and asked[2] else told.st_size - 1, told.st_size - 1, begin + MOST - 1)
        if begin >= told.st_size or end < begin:
            answer = HttpResponse(status=416)
            answer.headers["Content-Range"] = f"bytes */{told.st_size}"
            return answer
        with file.open("rb") as opened:
            opened.seek(begin)
            answer = HttpResponse(opened.read(end - begin + 1), status=206, content_type="application/octet-stream")
        answer.headers["Content-Range"] = f"bytes {begin}-{end}/{told.st_size}"
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = etag
    answer.headers["Last-Modified"] = formatdate(told.st_mtime, usegmt=True)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
