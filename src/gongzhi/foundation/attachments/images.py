"""What a file is, by its bytes; images without what a camera writes into them, and in the sizes that pages need. Pure."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
VARIANTS = {"thumb": 320, "large": 1600}
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}


class NotReadable(ValueError):
    """Bytes that say they are an image and are none, or one too large to open."""


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
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    return None


def prepare(content: bytes) -> Prepared:
    """Return the image turned upright, stripped of EXIF and XMP, and scaled; raise NotReadable."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NotReadable(f"{opened.width} × {opened.height}")
            form = opened.format or "JPEG"
            image = ImageOps.exif_transpose(opened)
            image = image.convert("RGBA" if "A" in image.getbands() and form != "JPEG" else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotReadable(str(error)) from error
    out = io.BytesIO()
    image.save(out, form, **({"quality": 88, "optimize": True} if form == "JPEG" else {}))
    return Prepared(
        content=out.getvalue(), content_type=FORMATS[form], width=image.width, height=image.height,
        variants={name: _scaled(image, side) for name, side in VARIANTS.items() if max(image.size) > side or name == "thumb"},
    )  # fmt: skip


def _scaled(image: Image.Image, side: int) -> bytes:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    if small.mode == "RGBA":
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80, optimize=True, progressive=True)
    return out.getvalue()
