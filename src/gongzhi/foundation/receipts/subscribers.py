"""Writes the receipt in the act's own transaction."""

from django.db import connection

from gongzhi.foundation.receipts import keeping
from gongzhi.kernel.operation import Entry, writes_ledger


@writes_ledger
def keep_the_receipt_with_the_act(entries: list[Entry]) -> None:
    """Insert the receipt of the key under which this call works. A twin of the call waits here, and is then refused."""
    key = keeping.present()
    if key is None or key.is_kept:
        return
    first = entries[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO receipts_receipt (town_id, scope, key, fingerprint, subject, made_at, answer) VALUES (%s, %s, %s, %s, %s, %s, '')",
            [first.town_id, key.scope, key.key, key.fingerprint, first.fact.subject, first.at],
        )
    key.is_kept = True
