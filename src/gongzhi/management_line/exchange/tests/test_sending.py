"""Rows from outside: signed by a known key, over this very body, now, once."""

import hashlib
import json
from datetime import timedelta

import http_sf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import HTTPMessageSigner
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

from gongzhi.management_line.exchange import operations, signing
from gongzhi.management_line.exchange.models import SentMessage
from gongzhi.management_line.exchange.operations import BadKey, KeyTaken
from gongzhi.registers.grants import operations as grants
from gongzhi.registers.grants.models import DataRow
from gongzhi.registers.grants.tests.factories import catalogued, organ_id
from gongzhi.registers.residents.tests.factories import MAKER

URL = "http://testserver/api/v1/exchange/rows"
COVERED = ("@method", "@authority", "@path", "content-digest")


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def digest_of(body):
    return f"sha-256={http_sf.ser(hashlib.sha256(body).digest())}"


def signed(key, body, at, nonce="n" * 20, covered=COVERED, key_id="civil-1", url=URL):
    """Return the headers of a signed POST of a body."""
    algorithm = ED25519 if isinstance(key, ed25519.Ed25519PrivateKey) else ECDSA_P256_SHA256

    class Keys:
        def resolve_private_key(self, _key_id):
            return key

    message = signing.Message("POST", url, {"Content-Digest": digest_of(body), "Host": "testserver"})
    HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keys()).sign(
        message,
        key_id=key_id,
        covered_component_ids=covered,
        created=at,
        nonce=nonce,
        label="sig1",
        include_alg=False,
        use_existing_digest=True,
    )
    return message.headers


@pytest.fixture(params=["ed25519", "p256"])
def key(request):
    return ed25519.Ed25519PrivateKey.generate() if request.param == "ed25519" else ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def sender(town, noon, key):
    catalogued(noon, fields=("name",))
    sets = grants.define_data_set(
        by=MAKER, at=noon, code="elders", title="高龄津贴名册", organ_id=organ_id("registry"),
        fields=[{"code": "id", "title": "证号"}, {"code": "amount", "title": "金额", "sort": "number"}],
    )  # fmt: skip
    return operations.set_sender(by=MAKER, at=noon, data_set_id=sets.pk, key_id="civil-1", title="民政系统", public_key=pem(key))


@pytest.fixture
def send(client, noon, monkeypatch):
    monkeypatch.setattr("gongzhi.management_line.exchange.api.timezone.now", lambda: noon)

    def post(body, headers):
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items() if name != "Host"}
        return client.generic("POST", "/api/v1/exchange/rows", body, content_type="application/json", **named)

    return post


BODY = json.dumps({"rows": [{"id": "A1", "amount": "100"}, {"id": "", "amount": "1"}, {"id": "A2", "amount": "x"}]}).encode()


class TestSending:
    def test_takes_good_rows_and_refuses_bad_ones_one_by_one(self, sender, send, key, noon):
        answer = send(BODY, signed(key, BODY, noon))
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert (told["rows"], told["added"]) == (3, 1)
        assert [(one["row"], one["field"]) for one in told["refused"]] == [(2, "id"), (3, "amount")]
        assert DataRow.objects.count() == 1
        kept = SentMessage.objects.get()
        assert (kept.digest, len(kept.refused)) == (hashlib.sha256(BODY).hexdigest(), 2)

    def test_takes_a_message_once(self, sender, send, key, noon):
        headers = signed(key, BODY, noon)
        assert send(BODY, headers).status_code == 200
        again = send(BODY, headers)
        assert (again.status_code, SentMessage.objects.count()) == (409, 1)

    def test_takes_no_other_body_under_the_old_digest(self, sender, send, key, noon):
        other = BODY.replace(b"100", b"900")
        assert send(other, signed(key, BODY, noon)).status_code == 401
        assert not DataRow.objects.exists()

    def test_takes_no_digest_that_is_not_signed(self, sender, send, key, noon):
        assert send(BODY, signed(key, BODY, noon, covered=("@method", "@authority", "@path"))).status_code == 401

    @pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 200), (0, 200), (60, 200), (61, 401)])
    def test_takes_only_what_was_signed_within_five_minutes(self, sender, send, key, noon, seconds, status):
        assert send(BODY, signed(key, BODY, noon + timedelta(seconds=seconds))).status_code == status

    @pytest.mark.parametrize("nonce", ["n" * 15, "n" * 101])
    def test_needs_a_nonce(self, sender, send, key, noon, nonce):
        assert send(BODY, signed(key, BODY, noon, nonce=nonce)).status_code == 401

    def test_knows_the_key_and_not_another(self, sender, send, key, noon):
        assert send(BODY, signed(ed25519.Ed25519PrivateKey.generate(), BODY, noon)).status_code == 401
        assert send(BODY, signed(key, BODY, noon, key_id="somebody")).status_code == 401
        assert send(BODY, {}).status_code == 401

    def test_takes_nothing_that_was_signed_for_another_address(self, sender, send, key, noon):
        assert send(BODY, signed(key, BODY, noon, url="http://testserver/api/v1/exchange/other")).status_code == 401
        assert send(BODY, signed(key, BODY, noon, url="http://elsewhere/api/v1/exchange/rows")).status_code == 401

    def test_takes_nothing_more_once_it_is_ended(self, sender, send, key, noon):
        operations.end_sender(by=MAKER, at=noon, sender_id=sender.pk)
        assert send(BODY, signed(key, BODY, noon)).status_code == 401

    def test_keeps_public_keys_only_of_the_two_sorts_under_one_name_each(self, sender, noon, key):
        about = {"by": MAKER, "at": noon, "data_set_id": sender.data_set_id, "title": "x"}
        with pytest.raises(KeyTaken):
            operations.set_sender(**about, key_id="civil-1", public_key=pem(key))
        for bad in ("", "x", pem(ec.generate_private_key(ec.SECP384R1()))):
            with pytest.raises(BadKey):
                operations.set_sender(**about, key_id="civil-2", public_key=bad)
