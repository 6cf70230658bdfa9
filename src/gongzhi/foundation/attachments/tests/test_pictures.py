"""Pictures as phones, scanners and ill-wishers write them: judged by their heads, kept as pixels and nothing else."""

import hashlib
import io
import struct
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from PIL import Image, ImageCms, PngImagePlugin

from gongzhi.foundation.attachments import images, operations
from gongzhi.foundation.attachments.models import Attachment
from gongzhi.kernel.actors import ANYONE
from gongzhi.ledger.models import Entry

SECRET = "Somebody of 3 Riverside Lane"


def picture(form, mode="RGB", size=(640, 480), colour=(200, 40, 30), **more):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **more)
    return out.getvalue()


def several(count=2):
    """A JPEG of several pictures, as phones write for depth and bursts."""
    frames = [Image.new("RGB", (640, 480), (200, 40 * number, 30)) for number in range(count)]
    out = io.BytesIO()
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    return out.getvalue()


def heic(size=(800, 600), **more):
    import pillow_heif

    pillow_heif.register_heif_opener()
    return picture("HEIF", size=size, **more)


def told():
    """Every sort of picture with the same words wherever it has room for them."""
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (24.0, 12.0, 0.0), 3: "E", 4: (102.0, 30.0, 0.0)})
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET)
    text.add_itxt("Comment", SECRET, zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB built-in", SECRET[:13].encode())
    xmp = f"<x>{SECRET}</x>".encode()
    return {
        "jpeg": picture("JPEG", comment=SECRET, exif=exif, icc_profile=profile, xmp=xmp),
        "jpeg-tail": picture("JPEG") + picture("JPEG", comment=SECRET),
        "png": picture("PNG", pnginfo=text, exif=exif, icc_profile=profile),
        "webp": picture("WEBP", exif=exif, icc_profile=profile, xmp=xmp),
        "heic": heic(exif=exif.tobytes(), xmp=xmp),
    }


class TestNothingButPixels:
    @pytest.mark.parametrize("sort", ["jpeg", "jpeg-tail", "png", "webp", "heic"])
    def test_leaves(self, town, noon, sort):
        content = told()[sort]
        assert SECRET.encode() in content or images.extras(content) or sort == "heic"
        added = operations.add_attachment(by=ANYONE, at=noon, content=content, name="a", is_public=True)
        for variant in ("", *added.variants):
            given = b"".join(Client().get(added.url(variant)).streaming_content)
            assert SECRET[:13].encode() not in given
            assert images.extras(given) == []
            with Image.open(io.BytesIO(given)) as image:
                assert not image.getexif()
                assert not {"comment", "icc_profile", "xmp", "exif"} & set(image.info)

    def test_what_a_file_holds_beside_them_is_seen(self):
        found = {sort: images.extras(content) for sort, content in told().items()}
        assert set(found["jpeg"]) == {"APP1", "APP2", "COM"}
        assert found["jpeg-tail"] == ["after the end"]
        assert {"tEXt", "iTXt", "eXIf", "iCCP"} <= set(found["png"])
        assert {"EXIF", "XMP", "ICCP"} <= set(found["webp"])
        assert images.extras(picture("PNG") + b"more") == ["after the end"]
        assert images.extras(b"\xff\xd8\xff\xe0") == ["damaged"]

    def test_older_files_are_made_anew(self, town, noon, capsys, django_capture_on_commit_callbacks):
        added = operations.add_attachment(by=ANYONE, at=noon, content=picture("JPEG"), name="a.jpg", is_public=True)
        clean = operations.add_attachment(by=ANYONE, at=noon, content=picture("JPEG", size=(320, 200)), name="b.jpg", is_public=True)
        for name in (added.stored, added.variants["thumb"]):  # as a release before this one kept it
            default_storage.delete(name)
            default_storage.save(name, ContentFile(told()["jpeg"]))
        before, old = hashlib.sha256(told()["jpeg"]).hexdigest(), added.stored
        Attachment.objects.filter(pk=added.pk).update(sha256=before)
        call_command("remake_photos", "--dry-run")
        assert "2 photos, 1 to make anew" in capsys.readouterr().out
        with django_capture_on_commit_callbacks(execute=True):
            call_command("remake_photos")
        made = Attachment.objects.get(pk=added.pk)
        assert made.key == added.key
        assert made.sha256 != before
        assert images.extras(default_storage.open(made.stored).read()) == []
        assert Entry.objects.filter(kind="AttachmentRemade").count() == 1
        assert Attachment.objects.get(pk=clean.pk).sha256 == clean.sha256
        assert not default_storage.exists(old)
        call_command("remake_photos")
        assert "2 photos, 0 made anew" in capsys.readouterr().out


class TestSorts:
    def test_of_several_pictures_the_first_is_kept(self, town, noon):
        added = operations.add_attachment(by=ANYONE, at=noon, content=several(3), name="a.jpg")
        assert (added.content_type, added.width, added.height) == ("image/jpeg", 640, 480)
        with Image.open(default_storage.open(added.stored)) as image:
            assert getattr(image, "n_frames", 1) == 1
            assert image.getpixel((5, 5))[1] < 20  # the first of them has no green

    @pytest.mark.parametrize(("value", "shown"), [(0, 0), (32_768, 128), (65_535, 255), (1_000, 3)])
    def test_sixteen_bits_of_grey_keep_their_shade(self, value, shown):
        image = Image.new("I;16", (64, 48), value)
        out = io.BytesIO()
        image.save(out, "PNG")
        made = images.prepare(out.getvalue())
        with Image.open(io.BytesIO(made.content)) as kept:
            assert kept.convert("RGB").getpixel((3, 3)) == pytest.approx((shown,) * 3, abs=1)

    def test_a_photo_of_a_phone_in_heic_becomes_a_jpeg(self, town, noon):
        added = operations.add_attachment(by=ANYONE, at=noon, content=heic((4032, 3024)), name="IMG_0001.HEIC")
        assert (added.content_type, added.width, added.height) == ("image/jpeg", 2560, 1920)
        assert added.stored.endswith(".jpg")

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
    def test_every_mode_is_shown(self, mode):
        form = "JPEG" if mode == "CMYK" else "PNG"
        out = io.BytesIO()
        Image.new("RGB", (50, 40), (250, 250, 250)).convert("RGBA").convert(mode).save(out, form)
        with Image.open(io.BytesIO(images.prepare(out.getvalue()).variants["thumb"])) as thumb:
            assert min(thumb.getpixel((2, 2))) > 240

    @pytest.mark.parametrize("turned", range(1, 9))
    def test_stands_upright(self, turned):
        exif = Image.Exif()
        exif[0x0112] = turned
        made = images.prepare(picture("JPEG", size=(400, 200), exif=exif))
        assert (made.width, made.height) == ((400, 200) if turned < 5 else (200, 400))


def head_only(width, height, depth=8, colour=2):
    """A PNG whose head says how large it is; its pixels are a few bytes."""

    def part(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(b"\0" * 100)) + part(b"IEND", b"")


class TestBudget:
    @pytest.mark.parametrize(
        ("width", "height", "depth", "colour"),
        [(8_000, 7_300, 8, 2), (7_000, 6_000, 8, 6), (6_000, 5_000, 16, 0), (60_000, 60_000, 1, 0), (2**31 - 1, 2**31 - 1, 8, 2)],
    )
    def test_is_judged_before_a_point_is_decoded(self, town, noon, monkeypatch, width, height, depth, colour):
        monkeypatch.setattr(Image.Image, "load", lambda _self: pytest.fail("was decoded"))
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _self: pytest.fail("was decoded"))
        with pytest.raises(operations.TooManyPixels) as refused:
            operations.add_attachment(by=ANYONE, at=noon, content=head_only(width, height, depth, colour), name="a.png")
        assert "60" in str(refused.value)

    def test_a_large_photo_is_decoded_small(self, monkeypatch):
        sizes = []
        original = Image.Image.thumbnail
        monkeypatch.setattr(Image.Image, "thumbnail", lambda self, *args, **more: (sizes.append(self.size), original(self, *args, **more))[1])
        made = images.prepare(picture("JPEG", size=(7_000, 5_000)))
        assert sizes[0] == (3_500, 2_500)
        assert (made.width, made.height) == (2560, 1829)

    def test_one_at_a_time(self, monkeypatch):
        monkeypatch.setattr(images, "_PATIENCE", 0.01)
        with images._one_at_a_time, pytest.raises(images.Busy):
            images.prepare(picture("JPEG"))
        with pytest.raises(images.NotReadable):
            images.prepare(b"\xff\xd8\xff no")
        assert images.prepare(picture("JPEG")).width == 640  # what failed holds nothing up
