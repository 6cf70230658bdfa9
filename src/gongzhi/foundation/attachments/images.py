"""What a file is, by its bytes; pictures as pixels and nothing else, in the sizes that pages need. Pure.

A few kilobytes can say that they are a picture of many million points, so a picture is judged by its head before a point of it is decoded, is decoded
small where its format can be (`draft`, which leaves the rest of a JPEG in its coefficients), and one at a time in each process: what a picture may cost
is known, and is never paid twice at once.
"""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from PIL import Image, ImageCms, ImageOps

MOST_PIXELS = 60_000_000
MOST_DECODED = 150_000_000  # bytes that decoding may take; a HEIC of 48 megapixels, the largest that phones write, takes 146
LONGEST = 2560  # of the side of what is kept; no page and no paper shows more
VARIANTS = {"thumb": 320, "large": 1600}
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
HEIC = "image/heic"
_OPENED = {"image/jpeg": ("JPEG", "MPO"), "image/png": ("PNG",), "image/webp": ("WEBP",), HEIC: ("HEIF",)}
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_MOST_PROFILE = 1_000_000
_PATIENCE = 20.0  # seconds
_one_at_a_time = Lock()


class NotReadable(ValueError):
    """Bytes that say they are an image and are none."""


class TooManyPixels(NotReadable):
    """A picture too large to open."""


class Busy(Exception):
    """Other pictures are being decoded, and have been for long."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An image upright and without metadata, with its smaller variants (name → JPEG bytes)."""

    content: bytes
    content_type: str
    width: int
    height: int
    variants: dict[str, bytes]


def content_type(content: bytes) -> str | None:
    """Return the media type by the first bytes, or None where it is none that is taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return HEIC
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    return None


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Open a picture of a sort that is taken, by its head only; raise NotReadable. Nothing is decoded before `load`."""
    kind = content_type(content)
    if kind not in _OPENED:
        raise NotReadable("no picture")
    if kind == HEIC:
        import pillow_heif  # it brings a decoder of video, which most processes never need

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    try:
        with Image.open(io.BytesIO(content), formats=_OPENED[kind]) as picture:
            yield picture
    except NotReadable:
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels(str(error)) from error
    except Exception as error:  # a decoder raises whatever damaged bytes lead it to
        raise NotReadable(f"{type(error).__name__}: {error}") from error


def prepare(content: bytes) -> Prepared:
    """Return the picture upright, at most LONGEST points wide and high, without anything but its pixels, and scaled.

    A file of several pictures (MPO, an animation) is its first. Raises NotReadable, TooManyPixels, Busy.
    """
    if not _one_at_a_time.acquire(timeout=_PATIENCE):
        raise Busy
    try:
        with opened(content) as picture:
            form = picture.format if picture.format in ("PNG", "WEBP") else "JPEG"
            _judge(picture)
            if picture.format in ("JPEG", "MPO"):
                share = min(1.0, LONGEST / max(picture.size))
                picture.draft("RGB", (int(picture.width * share), int(picture.height * share)))
            image = _pixels(picture)
        written = io.BytesIO()
        image.save(written, form, **({"quality": 88, "optimize": True} if form == "JPEG" else {}))
        return Prepared(
            content=written.getvalue(), content_type=FORMATS[form], width=image.width, height=image.height,
            variants={name: _scaled(image, side) for name, side in VARIANTS.items() if max(image.size) > side or name == "thumb"},
        )  # fmt: skip
    finally:
        _one_at_a_time.release()


def _judge(picture: Any) -> None:
    """Raise TooManyPixels where decoding would take more than is given to a picture, by what its head says."""
    pixels = picture.width * picture.height
    if picture.format in ("JPEG", "MPO"):
        # a progressive one holds all its coefficients, two bytes each, before a point is known; else draft lets a quarter at most be decoded
        taken = pixels * len(picture.getbands()) * 2 if picture.info.get("progressive") else min(pixels, 4 * LONGEST**2) * 3
    elif picture.mode.startswith("I"):
        taken = pixels * 6  # two bytes a point, and four to bring them to eight bits
    else:
        taken = pixels * (4 if picture.has_transparency_data or picture.format == "WEBP" else 3)
    if pixels > MOST_PIXELS or taken > MOST_DECODED:
        raise TooManyPixels(f"{picture.width} × {picture.height}")


def _pixels(picture: Any) -> Image.Image:
    """Return the picture as RGB or RGBA in the colours of sRGB, upright and no larger than is kept, with an empty `info`: its comment, profile and
    EXIF would be written into whatever is made of it."""
    profile = picture.info.get("icc_profile")
    turned = picture.getexif().get(0x0112, 1)
    picture.load()
    image: Image.Image = picture
    if image.mode.startswith("I"):  # sixteen bits of grey: white is 65,535, which a plain conversion cuts off at 255
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGBA" if picture.has_transparency_data else "RGB")
    elif image.mode != "RGBA" and picture.has_transparency_data:
        image = image.convert("RGBA")
    image = image.copy() if image is picture else image
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _in_common_colours(image.convert("RGB") if image.mode == "L" else image, profile)
    if turned in _TURNS:
        image = image.transpose(_TURNS[turned])
    image.info = {}
    return image


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def _in_common_colours(image: Image.Image, profile: Any) -> Image.Image:
    """Return the picture in sRGB, which is what one without a profile is taken for; a profile that cannot be used is left aside."""
    if not profile or len(profile) > _MOST_PROFILE:
        return image
    try:
        return ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=image.mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _scaled(image: Image.Image, side: int) -> bytes:
    small = ImageOps.contain(image, (side, side), Image.Resampling.LANCZOS) if max(image.size) > side else image.copy()
    if small.mode == "RGBA":
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    small.info = {}
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80, optimize=True, progressive=True)
    return out.getvalue()


# ---- what is in a file beside its pixels ----------------------------------------------------------------------------
_PNG_PLAIN = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"pHYs"))
_WEBP_PLAIN = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH"))


def extras(content: bytes) -> list[str]:
    """Return what a stored picture holds beside its pixels: names of parts such as COM, APP1, iCCP, "after the end"; [] for one that holds nothing."""
    kind = content_type(content)
    try:
        if kind == "image/jpeg":
            return list(_jpeg_extras(content))
        if kind == "image/png":
            return [name.decode("latin-1") for name, _end in _chunks(content, 8, ">I4s", 4) if name not in _PNG_PLAIN]
        if kind == "image/webp":
            return [name.decode("latin-1").strip() for name, _end in _chunks(content, 12, "<4sI", 0) if name not in _WEBP_PLAIN]
    except (struct.error, IndexError):
        return ["damaged"]
    return []


def _chunks(content: bytes, begin: int, form: str, behind: int) -> Iterator[tuple[bytes, int]]:
    while begin < len(content):
        head = struct.unpack_from(form, content, begin)
        name, size = (head[1], head[0]) if isinstance(head[0], int) else (head[0], head[1])
        begin += 8 + size + behind + (size % 2 if form.startswith("<") else 0)
        yield name, begin
        if name == b"IEND" and begin < len(content):
            yield b"after the end", begin
            return


def _jpeg_extras(content: bytes) -> Iterator[str]:
    place = 2
    while content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xD9:
            if place + 2 < len(content):
                yield "after the end"
            return
        if 0xD0 <= marker <= 0xD8 or marker in (0x01, 0xFF):
            place += 1 if marker == 0xFF else 2
            continue
        size = struct.unpack_from(">H", content, place + 2)[0]
        part = content[place + 4 : place + 2 + size]
        is_plain_head = marker == 0xE0 and part.startswith(b"JFIF\0") and len(part) == 14 and part[12:14] == b"\0\0"
        if marker == 0xFE:
            yield "COM"
        elif 0xE0 <= marker <= 0xEF and not is_plain_head and not (marker == 0xEE and part.startswith(b"Adobe")):
            yield f"APP{marker - 0xE0}"
        place += 2 + size
        if marker == 0xDA:  # the pixels: to the next mark that is none of them
            place = content.find(b"\xff", place)
            while place >= 0 and (content[place + 1] == 0 or 0xD0 <= content[place + 1] <= 0xD7):
                place = content.find(b"\xff", place + 2)
            if place < 0:
                raise IndexError
