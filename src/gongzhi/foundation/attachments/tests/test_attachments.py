import io

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from gongzhi.foundation.attachments import images, operations, rules
from gongzhi.kernel.actors import ANYONE, Actor


def photo(width=2400, height=1200, form="JPEG", **more):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 80)).save(out, form, **more)
    return out.getvalue()


def with_exif():
    image = Image.new("RGB", (400, 200), (200, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


class TestAddAttachment:
    def test_knows_a_photo_by_its_bytes_and_makes_variants(self, town, noon):
        added = operations.add_attachment(by=ANYONE, at=noon, content=photo(), name="../../x.exe")
        assert added.content_type == "image/jpeg"
        assert set(added.variants) == {"thumb", "large"}
        with Image.open(default_storage.open(added.variants["thumb"])) as small:
            assert small.size == (320, 160)

    def test_strips_what_a_camera_writes_and_turns_upright(self, town, noon):
        assert b"Camera of somebody" in with_exif()
        added = operations.add_attachment(by=ANYONE, at=noon, content=with_exif(), name="a.jpg")
        kept = default_storage.open(added.stored).read()
        assert b"Camera of somebody" not in kept
        with Image.open(io.BytesIO(kept)) as image:
            assert image.size == (200, 400)
            assert not image.getexif()

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [
            (b"", operations.EmptyFile), (b"MZ\x90\x00", operations.UnknownType), (b"<svg onload=alert(1)>", operations.UnknownType),
            (b"\xff\xd8\xff not really", operations.NotReadable), (photo()[:800], operations.NotReadable), (b"GIF89a" + bytes(50), operations.UnknownType),
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_photo_or_paper(self, town, noon, content, refusal):
        with pytest.raises(refusal) as refused:
            operations.add_attachment(by=ANYONE, at=noon, content=content, name="a.jpg")
        assert refused.value.field == "photos"

    def test_refuses_what_is_too_large(self, town, noon, monkeypatch):
        monkeypatch.setattr(operations, "MOST_PHOTO", 1000)
        with pytest.raises(operations.TooLarge):
            operations.add_attachment(by=ANYONE, at=noon, content=photo(), name="a.jpg")
        monkeypatch.setattr(images, "MOST_PIXELS", 100)
        monkeypatch.setattr(operations, "MOST_PHOTO", 10**7)
        with pytest.raises(operations.NotReadable):
            operations.add_attachment(by=ANYONE, at=noon, content=photo(), name="a.jpg")

    def test_keeps_a_paper_as_it_is(self, town, noon):
        added = operations.add_attachment(by=ANYONE, at=noon, content=b"%PDF-1.7\n...", name="申请.pdf")
        assert not added.is_image
        assert added.variants == {}


class TestAddress:
    def test_gives_public_ones_to_anybody_and_others_to_those_who_hold_them(self, town, noon, monkeypatch):
        open_one = operations.add_attachment(by=ANYONE, at=noon, content=photo(), name="a.jpg", is_public=True)
        other = operations.add_attachment(by=Actor(kind="person", person_id=1), at=noon, content=photo(), name="b.jpg")
        answer = Client().get(open_one.url("thumb"))
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert Client().get(open_one.url("thumb"), headers={"if-none-match": answer.headers["ETag"]}).status_code == 304
        assert Client().get(other.url()).status_code == 404
        monkeypatch.setattr(rules, "holders", [lambda actor, attachment_id: attachment_id == other.pk])
        assert Client().get(other.url()).status_code == 200
        assert Client().get("/attachments/nothing/").status_code == 404

    def test_gives_nothing_of_another_town(self, town, other_town, noon):
        added = operations.add_attachment(by=ANYONE, at=noon, content=photo(), name="a.jpg", is_public=True)
        assert Client().get(added.url()).status_code == 200
        assert Client().get(added.url(), headers={"host": "lanwan.localhost"}).status_code == 404
