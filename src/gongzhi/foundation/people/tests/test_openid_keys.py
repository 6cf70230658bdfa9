"""A provider's key set: what is not understood is left out, what is understood counts."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from gongzhi.foundation.people import openid

STRANGE = [
    {"kty": "EC", "crv": "P-999", "x": "AQ", "y": "AQ", "kid": "new"}, {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AQ", "kid": "later"},
    {"kty": "OKP", "crv": "X9", "x": "AQ"},
    {"kty": "RSA"}, {},
]  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE)
def test_a_key_of_an_unknown_kind_is_left_out(strange):
    known = RSAKey.generate_key(2048, {"kid": "known"}, private=False).as_dict(private=False)
    curve = ECKey.generate_key("P-256", {"kid": "curve"}).as_dict(private=False)
    assert [key.kid for key in openid._understood({"keys": [strange, known, curve]}).keys] == ["known", "curve"]


def test_a_set_without_any_key_that_is_understood_is_refused():
    with pytest.raises(ValueError, match="no key"):
        openid._understood({"keys": STRANGE})
