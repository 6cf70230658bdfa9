"""Acts on people and log-ins, by meaning.

registry.py    register, give a log-in, show a sealed field, erase
signing_in.py  passwords, second factor, identities at an OpenID provider
tokens.py      tokens for programs
resealing.py   personal fields under a new key
"""

from gongzhi.foundation.people.operations.registry import (
    BadPhone,
    NameTaken,
    NoPurpose,
    NoSuchField,
    WeakPassword,
    erase_person,
    give_login,
    register_person,
    register_resident,
    show_sealed,
)
from gongzhi.foundation.people.operations.resealing import keep_hash_keys, reseal_batch
from gongzhi.foundation.people.operations.signing_in import (
    MustStay,
    NothingBegun,
    SignIn,
    WrongCode,
    WrongPassword,
    begin_second_factor,
    change_password,
    confirm_second_factor,
    link_identity,
    remove_second_factor,
    try_password,
    try_second_factor,
)
from gongzhi.foundation.people.operations.tokens import SCOPES, NoScopes, NoTitle, issue_token, revoke_token

__all__ = [
    "SCOPES",
    "BadPhone",
    "MustStay",
    "NameTaken",
    "NoPurpose",
    "NoScopes",
    "NoSuchField",
    "NoTitle",
    "NothingBegun",
    "SignIn",
    "WeakPassword",
    "WrongCode",
    "WrongPassword",
    "begin_second_factor",
    "change_password",
    "confirm_second_factor",
    "erase_person",
    "give_login",
    "issue_token",
    "keep_hash_keys",
    "link_identity",
    "register_person",
    "register_resident",
    "remove_second_factor",
    "reseal_batch",
    "revoke_token",
    "show_sealed",
    "try_password",
    "try_second_factor",
]
