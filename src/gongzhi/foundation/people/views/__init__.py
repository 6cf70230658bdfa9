"""Faces of people: signing in (signing), one's own account (account)."""

from gongzhi.foundation.people.views.account import account, erase, identities, password, phone, set_up_second_factor, tokens
from gongzhi.foundation.people.views.administration import erasures, joint_acts, keys, login_new, login_one, logins
from gongzhi.foundation.people.views.signing import openid_back, openid_begin, register, second_factor, sign_in, sign_out

__all__ = [
    "account",
    "erase",
    "erasures",
    "identities",
    "joint_acts",
    "keys",
    "login_new",
    "login_one",
    "logins",
    "openid_back",
    "openid_begin",
    "password",
    "phone",
    "register",
    "second_factor",
    "set_up_second_factor",
    "sign_in",
    "sign_out",
    "tokens",
]
