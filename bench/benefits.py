"""Benefits and the book at a town's full size: 10,000 firms with 200 benefits, one firm's change, a balance over 100,000 postings.

The database lies in a made installation; a process of its own acts and asks, as the worker and a page do.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg

_ACT = """
import django; django.setup()
import json, random, statistics, sys, time
from datetime import date
from decimal import Decimal
from django.utils import timezone
from bench.criteria import _rule
from gongzhi.foundation.criteria import masks
from gongzhi.foundation.organs.models import Organ
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel import memory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.towns import current_town, in_town
from gongzhi.registers.benefits import definitions, matching, operations, queries
from gongzhi.registers.benefits.models import Benefit, BenefitVersion, Finding
from gongzhi.registers.book import queries as book
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.firms.models import Firm, FirmFigure
FIRMS, BENEFITS = 10_000, 200
chance, by, at = random.Random(5), system("bench"), timezone.now()
def took(act):
    began = time.perf_counter(); act(); return time.perf_counter() - began
with in_town(Town.objects.order_by("pk").first().pk):
    town = current_town()
    on = queries.today(seen_by=by, at=at)
    Organ.objects.bulk_create([Organ(town_id=town, kind="enterprise", code=f"b{n}", name=f"企业{n}") for n in range(FIRMS)])
    organs = dict(Organ.objects.filter(code__startswith="b").values_list("code", "pk"))
    Firm.objects.bulk_create([Firm(town_id=town, organ_id=organs[f"b{n}"], name=f"企业{n}", name_key=f"企业{n}", entered_at=at,
        size=chance.choice(["large", "medium", "small", "micro"]), industry=str(chance.choice([1713, 2611, 3360, 3511, 6510])),
        registered_on=date(chance.randint(2001, 2025), 3, 4)) for n in range(FIRMS)])
    ids = list(Firm.objects.filter(organ__code__startswith="b").values_list("pk", flat=True))
    FirmFigure.objects.bulk_create([FirmFigure(town_id=town, firm_id=pk, measure=measure, period="year", starts_on=date(on.year - 1, 1, 1),
        amount=chance.randint(3, most), source="bench", basis="bench", by="bench", at=at)
        for pk in ids for measure, most in (("staff", 300), ("revenue", 5000))])
    for n in range(BENEFITS):
        raw = {"code": f"b{n}", "title": f"待遇{n}", "for": "firm", "source": "bench", "clause": "1", "amount": f"{chance.randint(100, 9000)}.00",
            "every": "year", "from": on.isoformat(), "criteria": _rule(chance), "not_with": [f"b{n - 1}"] if n % 10 == 9 else []}
        one = Benefit.objects.create(town_id=town, code=f"b{n}", title=f"待遇{n}", subject="firm")
        BenefitVersion.objects.create(town_id=town, benefit=one, number=1, definition=raw, starts_on=on, made_at=at, adopted_at=at)
    held = queries.readable(seen_by=by, versions=queries.in_force(seen_by=by, on=on, subject="firm"), parameters={})
    terms = [one for _version, one in held]
    rows = queries.rows_of(seen_by=by, subject="firm", on=on)
    found = {"firms": len(rows), "benefits": len(terms)}
    found["matched"] = min(took(lambda: matching.match(terms, masks.Table(rows), on=on)) for _round in range(3))
    found["rows"] = took(lambda: queries.rows_of(seen_by=by, subject="firm", on=on))
    queries._read.cache_clear(); Finding.objects.all().delete()
    found["reasons"] = took(lambda: operations.match_all(by=CLOCK, at=timezone.now(), subject="firm"))
    one = [took(lambda pk=pk: operations.match_one(by=CLOCK, at=timezone.now(), subject="firm", subject_id=pk)) * 1000 for pk in ids[:40]]
    found["one"], found["one_slowest"] = statistics.median(one[5:]), max(one[5:])
    change = [took(lambda pk=pk: firms.tell_figure(by=by, at=timezone.now(), firm_id=pk, measure="staff", period="year", starts_on=date(on.year - 1, 1, 1),
        amount=Decimal(11), source="bench", basis="bench")) * 1000 for pk in ids[:40]]
    found["change"] = statistics.median(change[5:])
    balance = [took(lambda: book.balance(seen_by=by, on=on)) * 1000 for _round in range(15)]
    past = [took(lambda: book.balance(seen_by=by, on=date(on.year - 1, 6, 30))) * 1000 for _round in range(15)]
    assert book.balance(seen_by=by, on=on).is_even
    found["balance"], found["balance_past"] = statistics.median(balance), statistics.median(past)
    print(json.dumps(found))
"""


def _fill_the_book(owner: Any, postings: int) -> None:
    """Write postings of two lines over three years, twelve accounts."""
    town = owner.execute("SELECT id FROM territory_town ORDER BY id LIMIT 1").fetchone()[0]
    owner.execute(
        "INSERT INTO book_account (town_id, code, title, sort, opened_on)"
        " SELECT %s, 'bench-' || n, 'bench ' || n, (ARRAY['asset','liability','equity','income','expense'])[1 + n %% 5], '2000-01-01'"
        " FROM generate_series(0, 11) n", [town],
    )  # fmt: skip
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")  # one statement; what it writes balances
        owner.execute(
            "WITH made AS (INSERT INTO book_posting (town_id, number, \"on\", words, act, by, at)"
            " SELECT %s, 1000 + n, current_date - (n %% 1000), 'bench', 'bench:' || n, 'bench', now() FROM generate_series(1, %s) n"
            " RETURNING id, \"on\", number),"
            " known AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM book_account WHERE code LIKE 'bench-%%')"
            " INSERT INTO book_line (town_id, posting_id, account_id, \"on\", cents)"
            " SELECT %s, m.id, k.id, m.\"on\", side * (100 + m.number %% 999983) FROM made m CROSS JOIN (VALUES (1), (-1)) s(side)"
            " JOIN known k ON k.place = (m.number * 7 + side * 3) %% 12",
            [town, postings, town],
        )  # fmt: skip
    owner.execute("VACUUM ANALYZE book_line")


def benefits(tell: Callable[..., None], made: Any) -> None:
    """Match firms with benefits, keep every reason, change one firm; balance a book of 100,000 postings."""
    with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
        _fill_the_book(owner, 100_000)
        owner.execute("ANALYZE")
    asked = subprocess.run([sys.executable, "-W", "ignore", "-c", _ACT], env=made.environment, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    found = json.loads(asked.stdout.splitlines()[-1])
    size = {"firms": found["firms"], "benefits": found["benefits"]}
    tell("benefits_matched", found["matched"], "s", wanted="≤ 1 s", rows_of_the_register=round(found["rows"], 3), **size)
    tell("benefits_reasons_kept", found["reasons"], "s", wanted="≤ 15 s from nothing", **size)
    tell("benefits_one_firm", found["one"], "ms", wanted="≤ 50 ms", slowest=round(found["one_slowest"], 1), with_its_change=round(found["change"], 1))
    tell("book_balance", found["balance"], "ms", wanted="≤ 100 ms", past_day=round(found["balance_past"], 1), postings=100_000)
