"""Codes of the second factor, each taken once. Inside an operation only."""

import re
from datetime import datetime

import pyotp

from gongzhi.foundation.people import hashing, sealing
from gongzhi.foundation.people.models import RecoveryCode, SecondFactor, User


def plain_code(code: str) -> str:
    """Return the letters and digits of a code as it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def holds_second_factor(user: User, code: str, at: datetime) -> bool:
    """Use up a time code or a recovery code of a log-in; return whether it was one."""
    plain = plain_code(code)
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    if re.fullmatch("[0-9]{6}", plain):
        return use_step(factor, plain, at)
    kept = RecoveryCode.objects.select_for_update().filter(user=user, code_hash__in=hashing.keyed_hashes(plain, "recovery"), used_at__isnull=True).first()
    if kept is None:
        return False
    kept.used_at = at
    kept.save(update_fields=["used_at"])
    return True


def use_step(factor: SecondFactor, code: str, at: datetime) -> bool:
    """Take a code of the present half minute or of one beside it, but never of a step that was used."""
    secret = sealing.unseal(factor.sealed_secret, "totp")
    present = int(at.timestamp()) // 30
    for step in (present, present - 1, present + 1):
        if step > factor.last_step and pyotp.TOTP(secret).verify(code, for_time=step * 30, valid_window=0):
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            return True
    return False
