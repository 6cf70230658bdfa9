"""The registers at a town's full size: a file of 100,000 people taken over, and people and firms found among 300,000.

The database lies in a made installation; a process of its own asks, as a page does.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg

from gongzhi.registers.firms.codes import check_character

FIRMS = int(os.environ.get("GONGZHI_BENCH_FIRMS", "20000"))
PEOPLE = int(os.environ.get("GONGZHI_BENCH_PEOPLE", "300000"))

_ASK = """
import django; django.setup()
import json, statistics, time
from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import in_town
from gongzhi.registers.firms import queries as firm_queries
from gongzhi.registers.firms.models import Firm
from gongzhi.registers.residents import finding, queries
from gongzhi.registers.residents.models import Resident
by = system("bench")
def median(ask, given):
    took = []
    for one in given:
        began = time.perf_counter(); ask(one); took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[5:]), max(took[5:])
with in_town(Town.objects.order_by("pk").first().pk):
    chosen = list(Resident.objects.exclude(number_hash=b"").order_by("?")[:205])
    numbers = [sealing.unseal(one.number_sealed, finding.SEALED_AS["number"]) for one in chosen]
    names = [sealing.unseal(one.name_sealed, finding.SEALED_AS["name"]) for one in chosen]
    assert all(queries.find_by_number(seen_by=by, number=number) for number in numbers)
    found = {"by_number": median(lambda number: queries.find_by_number(seen_by=by, number=number), numbers),
             "by_name": median(lambda name: queries.find_by_name(seen_by=by, name=name), names), "people": Resident.objects.count()}
    codes = list(Firm.objects.exclude(code="").order_by("?").values_list("code", flat=True)[:205])
    assert all(firm_queries.find_by_code(seen_by=by, code=code) for code in codes)
    found |= {"by_code": median(lambda code: firm_queries.find_by_code(seen_by=by, code=code), codes), "firms": Firm.objects.count()}
    print(json.dumps(found))
"""


def taken(made: Any, register: str, file: Any) -> dict[str, Any]:
    """Take a file over as somebody at a terminal does; return its account."""
    command = [sys.executable, "-W", "ignore", "-m", "gongzhi.config.cli", "import", register, str(file), "--mapping", f"{file}.mapping.yaml"]
    done = subprocess.run(command, env=made.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    account: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert account["refused"] == 0, account
    return account


def firms_file(made: Any) -> Any:
    """Write a file of firms that do not exist."""
    file = made.folder / "firms.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("企业名称,统一社会信用代码,行业\n")
        for number in range(FIRMS):
            seventeen = f"91330110{number:09d}"
            out.write(f"第{number}号有限公司,{seventeen}{check_character(seventeen)},{1311 + number % 40}\n")
    meant = "fields: {name: 企业名称, code: 统一社会信用代码, industry: 行业}\nsource: bench\nbasis: bench\n"
    (made.folder / "firms.csv.mapping.yaml").write_text(meant, encoding="utf-8")
    return file


def registers(tell: Callable[..., None], made: Any, open_page: Callable[[], float]) -> None:
    """Take people and firms over from files, find some of them, and open the page of what is held about oneself (`open_page`: ms)."""
    file = made.folder / "people.csv"
    made.run("made", "residents", str(PEOPLE), "--seed", "5", "--out", str(file))
    for register, one in (("residents", file), ("firms", firms_file(made))):
        account = taken(made, register, one)
        tell(f"import_{register}", account["seconds"] * 100_000 / account["rows"], "s for 100,000 rows", wanted="≤ 120 s", rows=account["rows"])
    with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    asked = subprocess.run([sys.executable, "-W", "ignore", "-c", _ASK], env=made.environment, capture_output=True, text=True, check=True)
    found = json.loads(asked.stdout.splitlines()[-1])
    tell("resident_by_number", found["by_number"][0], "ms", wanted="≤ 2 ms", people=found["people"], slowest=round(found["by_number"][1], 2))
    tell("resident_by_name", found["by_name"][0], "ms", wanted="≤ 20 ms", people=found["people"], slowest=round(found["by_name"][1], 2))
    tell("firm_by_code", found["by_code"][0], "ms", wanted="≤ 2 ms", firms=found["firms"], slowest=round(found["by_code"][1], 2))
    tell("own_record_page", open_page(), "ms", wanted="≤ 60 ms", people=found["people"])
