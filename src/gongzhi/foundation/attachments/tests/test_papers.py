"""What a PDF says of its makers does not go along; what cannot be cleaned is never public."""

import io

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, StreamObject, TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from gongzhi.foundation.attachments import operations, papers
from gongzhi.kernel.actors import ANYONE

WHO = b"WangXiaoming"
NAME = TextStringObject(WHO.decode())


def paper(pages=2):
    """Return a PDF that names its maker in every place where programs do."""
    made = PdfFileWriter()

    def xmp():
        return made.add_object(StreamObject({pdf_name("/Type"): pdf_name("/Metadata")}, stream_data=b"<x>" + WHO + b"</x>"))

    for number in range(pages):
        text = made.add_object(StreamObject(stream_data=b"BT (page %d) Tj ET" % number))
        page = made.insert_page(PageObject(contents=text, media_box=(0, 0, 200, 200))).get_object()
        note = {"/Type": pdf_name("/Annot"), "/Subtype": pdf_name("/Text"), "/T": NAME, "/Contents": TextStringObject("note"),
                "/Rect": ArrayObject([NumberObject(0)] * 4)}  # fmt: skip
        page["/Annots"] = ArrayObject([made.add_object(DictionaryObject({pdf_name(key): value for key, value in note.items()}))])
        page["/Metadata"] = xmp()
        page["/PieceInfo"] = DictionaryObject({pdf_name("/Word"): DictionaryObject({pdf_name("/Private"): NAME})})
    made.root["/Metadata"] = xmp()
    made.set_info(made.add_object(DictionaryObject({pdf_name("/Author"): NAME, pdf_name("/Creator"): NAME})))
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def test_takes_out_who_made_it_and_keeps_its_pages():
    came = paper()
    assert came.count(WHO) == 9
    found = papers.prepare(came)
    assert found.is_clean
    assert WHO not in found.content
    pages = PdfFileReader(io.BytesIO(found.content)).root["/Pages"]
    assert pages["/Count"] == 2
    shown = [page.get_object() for page in pages.raw_get("/Kids")]
    assert [page["/Contents"].data for page in shown] == [b"BT (page 0) Tj ET", b"BT (page 1) Tj ET"]
    assert shown[0]["/Annots"][0]["/Contents"] == "note"


def test_takes_out_what_earlier_versions_of_the_file_hold():
    changed = IncrementalPdfFileWriter(io.BytesIO(paper()))
    del changed.root["/Metadata"]
    changed.update_root()
    out = io.BytesIO()
    changed.write(out)
    assert WHO in out.getvalue()
    assert WHO not in papers.prepare(out.getvalue()).content


@pytest.mark.parametrize("content", [b"%PDF-1.7\n...", b"%PDF-1.4\n%%EOF\n", paper()[:-400], paper().replace(b"/Size 1", b"/Size 90001")])
def test_leaves_what_cannot_be_taken_apart_and_says_so(content):
    assert papers.prepare(content) == papers.Prepared(content, is_clean=False)


def test_leaves_what_is_locked():
    made = PdfFileWriter()
    made.insert_page(PageObject(contents=made.add_object(StreamObject(stream_data=b"BT ET")), media_box=(0, 0, 9, 9)))
    made.encrypt(owner_pass="secret", user_pass="secret")
    out = io.BytesIO()
    made.write(out)
    assert papers.prepare(out.getvalue()) == papers.Prepared(out.getvalue(), is_clean=False)


def test_leaves_what_is_signed(tmp_path):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from pyhanko.sign import signers

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "counter")])
    began = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(5)
                   .not_valid_before(began).not_valid_after(began + timedelta(days=900)).sign(key, hashes.SHA256()))  # fmt: skip
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    signer = signers.SimpleSigner.load(str(tmp_path / "key.pem"), str(tmp_path / "cert.pem"))
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(paper())), signers.PdfSignatureMetadata(field_name="S"), signer=signer)
    assert papers.prepare(out.getvalue()) == papers.Prepared(out.getvalue(), is_clean=True)


@pytest.mark.django_db
def test_only_clean_papers_are_public(town, noon):
    clean = operations.add_attachment(by=ANYONE, at=noon, content=paper(), name="a.pdf", is_public=True)
    other = operations.add_attachment(by=ANYONE, at=noon, content=b"%PDF-1.7\n...", name="b.pdf", is_public=True)
    assert (clean.is_public, other.is_public) == (True, False)
    from django.core.files.storage import default_storage

    with default_storage.open(clean.stored) as file:
        assert WHO not in file.read()
