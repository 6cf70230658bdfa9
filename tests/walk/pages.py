"""Which pages there are, and for whom: from the URL configuration, filled from the demo's database.

A page without a parameter needs no line here. One with a parameter needs its value: a line in VALUES, by "namespace:name.parameter",
"namespace.parameter" or "parameter", the first that is found. What is no page by its nature stands in NO_PAGES with the reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from django.urls import URLPattern, URLResolver, get_resolver

from gongzhi.config.demo.accounts import PASSWORD

# who opens a page: the first of these that may ("" = anybody)
READERS = ("", "resident", "enterprise", "grid", "utilities", "ecology", "dispatcher", "committee", "supervisor", "admin", "registrar")

# a SELECT that gives one text, in the first town of the demo
_CASE = "SELECT year || '-' || lpad(serial::text, 5, '0') FROM cases_case WHERE town_id = {town} AND "
VALUES: dict[str, str] = {
    "emergencies.alert_id": "SELECT id FROM emergencies_publicalert WHERE town_id = {town} AND status = 'Actual' ORDER BY id LIMIT 1",
    "emergencies.plan_id": "SELECT id FROM emergencies_emergencyplan WHERE town_id = {town} ORDER BY id LIMIT 1",
    "emergencies.duty_id": "SELECT id FROM emergencies_emergencyduty WHERE town_id = {town} AND state = 'given' ORDER BY id LIMIT 1",
    "emergencies.slug": _CASE + "kind = 'emergency' ORDER BY id DESC LIMIT 1",
    "emergencies.what": "SELECT 'log'",
    "slug": _CASE + "visibility = 'public' AND state NOT IN ('closed', 'merged') ORDER BY (state = 'in_hand') DESC, id LIMIT 1",
    "cases:dispatch_one.slug": _CASE + "lead_id IS NULL ORDER BY (state = 'opened') DESC, id LIMIT 1",
    "portal:field-task.slug": _CASE + "state <> 'closed' ORDER BY (state = 'answered') DESC, id LIMIT 1",
    "responsibility_id": "SELECT id FROM cases_responsibility WHERE town_id = {town} AND upper_inf(validity) ORDER BY id LIMIT 1",
    "kind": "SELECT 'report'",
    "organs.role": "SELECT 'steward'",
    "version": "SELECT 1",
    "evaluation.organ": "SELECT code FROM organs_organ o WHERE town_id = {town} ORDER BY (SELECT count(*) FROM cases_case WHERE lead_id = o.id) DESC LIMIT 1",
    "evaluation.indicator": "SELECT 'solved'",
    "criteria.code": "SELECT code FROM criteria_criterion WHERE town_id = {town} ORDER BY id LIMIT 1",
    "cases.code": "SELECT code FROM cases_category WHERE town_id = {town} AND parent_id IS NOT NULL ORDER BY id LIMIT 1",
    "portal:help-for.audience": "SELECT 'grid-worker'",
    "portal:field-edit.key": "SELECT gen_random_uuid()::text",
    "index": "SELECT 3",
    "subject": "SELECT 'territory.town:' || {town}",
    "code": "SELECT code FROM sensing_station WHERE town_id = {town} AND code LIKE 'dye%' ORDER BY id LIMIT 1",
    "ecology:air-days.code": "SELECT code FROM sensing_station WHERE town_id = {town} AND kind = 'air' ORDER BY id LIMIT 1",
    "opendata:air.code": "SELECT code FROM sensing_station WHERE town_id = {town} AND kind = 'air' ORDER BY id LIMIT 1",
    "ecology:air-days-csv.code": "SELECT code FROM sensing_station WHERE town_id = {town} AND kind = 'air' ORDER BY id LIMIT 1",
    "mn": "SELECT mn FROM sensing_device WHERE town_id = {town} ORDER BY id LIMIT 1",
    "part": "SELECT 'water'",
    "path": "SELECT ''",
    "year": "SELECT extract(year FROM now())::int",
    "month": "SELECT lpad(extract(month FROM now())::text, 2, '0')",
    "archive:month.year": "SELECT extract(year FROM min(month))::int FROM archive_archivedfile WHERE town_id = {town}",
    "archive:month.month": "SELECT lpad(extract(month FROM min(month))::text, 2, '0') FROM archive_archivedfile WHERE town_id = {town}",
    "feeds.code": "SELECT code FROM feeds_feed WHERE town_id = {town} ORDER BY id LIMIT 1",
    "feeds.pk": "SELECT id FROM feeds_fileimport WHERE town_id = {town} ORDER BY id LIMIT 1",
    "limit_id": "SELECT r.id FROM sensing_limitrule r JOIN sensing_station s ON s.id = r.station_id WHERE r.town_id = {town} AND s.code LIKE 'dye%' LIMIT 1",
    "episode_id": "SELECT id FROM sensing_episode WHERE town_id = {town} AND series_id IS NOT NULL AND case_id IS NOT NULL ORDER BY id LIMIT 1",
    "organ_id": "SELECT id FROM organs_organ WHERE town_id = {town} ORDER BY id LIMIT 1",
    "post_id": "SELECT id FROM organs_post WHERE town_id = {town} ORDER BY id LIMIT 1",
    "user_id": "SELECT id FROM people_user WHERE town_id = {town} ORDER BY id LIMIT 1",
    "area_id": "SELECT id FROM territory_area WHERE town_id = {town} AND level = 'grid' ORDER BY id LIMIT 1",
    "attachments.key": "SELECT key FROM attachments_attachment WHERE town_id = {town} AND is_public AND content_type = 'image/jpeg' ORDER BY id LIMIT 1",
    "attachments.variant": "SELECT 'thumb'",
    "form": "SELECT 'csv'",
    "opendata.form": "SELECT 'ttl'",
    "rule_id": "SELECT id FROM warnings_warningrule WHERE town_id = {town} ORDER BY id LIMIT 1",
    "sources.code": "SELECT code FROM sources_source WHERE town_id = {town} ORDER BY id LIMIT 1",
    "sources:firm.code": "SELECT code FROM organs_organ WHERE town_id = {town} AND code = 'firm-dyeing'",
    "sources:risk.code": "SELECT code FROM sources_risksource WHERE town_id = {town} ORDER BY id LIMIT 1",
    "sources:edit_risk.code": "SELECT code FROM sources_risksource WHERE town_id = {town} ORDER BY id LIMIT 1",
    "outlet_code": "SELECT code FROM sources_outlet WHERE town_id = {town} ORDER BY source_id, id LIMIT 1",
    "number": "SELECT number FROM sources_permit WHERE town_id = {town} ORDER BY id LIMIT 1",
    "return_id": "SELECT id FROM sources_return WHERE town_id = {town} ORDER BY id LIMIT 1",
    "place_id": "SELECT id FROM sources_sensitiveplace WHERE town_id = {town} ORDER BY id LIMIT 1",
    "waste_id": "SELECT id FROM wastes_waste WHERE town_id = {town} ORDER BY id LIMIT 1",
    "wastes.code": "SELECT code FROM wastes_plot WHERE town_id = {town} ORDER BY id LIMIT 1",
    "written": "SELECT 'json'",
    "record.pk": "SELECT id FROM record_takenfile WHERE town_id = {town} ORDER BY id LIMIT 1",
    "residents.pk": "SELECT id FROM residents_resident WHERE town_id = {town} AND person_id IS NOT NULL ORDER BY id LIMIT 1",
    "residents:dwelling.pk": "SELECT dwelling_id FROM residents_resident WHERE town_id = {town} AND person_id IS NOT NULL ORDER BY id LIMIT 1",
    "applications.code": "SELECT code FROM applications_serviceitem WHERE town_id = {town} AND code = 'SS-01'",
    "applications:sent.slug": _CASE + "kind = 'application' AND raised_by_id = (SELECT person_id FROM people_user WHERE town_id = {town}"
    " AND username = 'resident') ORDER BY id DESC LIMIT 1",
    "material_id": "SELECT id FROM applications_material WHERE town_id = {town} ORDER BY id LIMIT 1",
    "openness:enquiry.slug": _CASE + "kind = 'enquiry' AND visibility = 'public' AND state = 'closed' ORDER BY id LIMIT 1",
    "openness.code": "SELECT code FROM openness_column WHERE town_id = {town} AND elsewhere = '' ORDER BY id LIMIT 1",
    "entry_id": "SELECT id FROM openness_entry WHERE town_id = {town} AND published_at IS NULL ORDER BY id LIMIT 1",
    "policies.code": "SELECT code FROM policies_policy WHERE town_id = {town} AND code = 'first-hiring'",
    "policies:letter.code": "SELECT code FROM policies_policy WHERE town_id = {town} AND code = 'first-hiring'",
    "policies:consultation.code": "SELECT code FROM policies_consultation WHERE town_id = {town} ORDER BY id DESC LIMIT 1",
    "policies:answers.code": "SELECT code FROM policies_consultation WHERE town_id = {town} ORDER BY id DESC LIMIT 1",
    "policies:of.kind": "SELECT 'criterion'",
    "policies:of.code": "SELECT 'small-firm'",
    "question_id": "SELECT id FROM policies_question WHERE town_id = {town} ORDER BY id LIMIT 1",
    "papers.code": "SELECT code FROM papers_paper WHERE town_id = {town} ORDER BY id LIMIT 1",
    "papers.pk": "SELECT id FROM papers_paper WHERE town_id = {town} AND holder_sort = 'person' ORDER BY id LIMIT 1",
    "exchange.register": "SELECT 'residents'",
    "exchange.field": "SELECT 'phone'",
    "exchange.subject": "SELECT id FROM residents_resident WHERE town_id = {town} AND person_id IS NOT NULL ORDER BY id LIMIT 1",
    "exchange.pk": "SELECT id FROM grants_grant WHERE town_id = {town} ORDER BY id LIMIT 1",
    "voice.code": "SELECT code FROM voice_conversation WHERE town_id = {town} ORDER BY id DESC LIMIT 1",
    "benefits.code": "SELECT 'research'",
    "benefits.subject": "SELECT 'firm'",
    "award_id": "SELECT id FROM benefits_award WHERE town_id = {town} ORDER BY id LIMIT 1",
    "book.code": "SELECT 'treasury'",
    "book.number": "SELECT max(number) FROM book_posting WHERE town_id = {town}",
    "firms.pk": "SELECT id FROM firms_firm WHERE town_id = {town} AND code <> '' ORDER BY id LIMIT 1",
}
NO_PAGES: dict[str, str] = {
    "people:openid": "leaves for the provider of identities",
    "people:openid-back": "comes from the provider of identities",
    "people:second-factor": "only between password and code",
    "cases:saved_view": "an answer to a button",
    "sensing:decide_claim": "an answer to a button",
    "cases:act": "the acts that a reader is offered are walked one by one",
    "ledger:tile": "bytes",
    "papers:root": "a certificate",
    "evaluation:process_xes": "a file",
    "evaluation:process_ocel": "a file",
    "ledger:look-up": "goes on to what is looked up",
    "ledger:consistency": "JSON",
    "ledger:opening": "JSON",
    "reports:draft-photo": "a picture of one's own draft",
    "cases:follow": "walked by who has reported, after the report",
    "cases:follow_urge": "an answer to a button",
    "cases:follow_leave": "an answer to a button",
    "cases:follow_do": "an answer to a button",
    "reports:same": "only when something like it was reported",
    "notices:push-worker": "a script",
    "exchange:end_sender": "an answer to a button",
    "exchange:use": "walked by the journey of exchange, as the unit that has the grant",
    "evaluation:finding": "only when the record of a small demo has something to say",
    "exchange:corrected": "walked by the journey of exchange, after a correction",
    "portal:base-map": "bytes",
    "portal:again": "only after a session has ended",
    "portal:stay-signed-out": "goes back to where the reader was",
    "portal:language": "goes back to where the reader was",
    "portal:size": "goes back to where the reader was",
    "portal:theme": "goes back to where the reader was",
    "portal:welcome": "goes on to the home of who signed in",
    "reports:open311-service": "an interface for programs",
    "residents:control": "open to no role as shipped",
    "emergencies:alert_xml": "a message for programs",
    "emergencies:alert_feed": "a feed for programs",
    "openness:sent": "only to whoever has just sent something",
    "policies:useful": "an answer to a button",
    "applications:papers": "only when the first step has been filled in",
    "applications:check": "only when the steps before it have been gone through",
    "applications:drop": "an answer to a button",
    "applications:adopt": "an answer to a button",
    "applications:end": "an answer to a button",
    "applications:judge": "an answer to a button",
    "applications:complete": "only while something is named as missing",
    "policies:letter": "only until a policy is released",
    "policies:feed": "a feed for programs",
    "reports:open311-token": "an interface for programs",
}
# pages of one reader, though others get an empty frame of them
OF: dict[str, str] = {"portal:field": "grid", "portal:field-patrol": "grid", "portal:field-outbox": "grid", "portal:field-task": "grid"}
# what must be asked for a page to be shown, behind the address
ASKED: dict[str, str] = {"warnings:new_rule": "?cause=frozen"}
# steps of the report, shown only to who has begun one
DRAFTED = ("reports:place", "reports:words", "reports:kind", "reports:contact", "reports:sent", "reports:look", "reports:again")
# pages that look different to others than to the first who may open them
AGAIN: tuple[tuple[str, str], ...] = (
    ("resident", "/"), ("utilities", "/map/"), ("utilities", "/desk/?queue=unit"), ("supervisor", "/desk/?queue=verify"), ("admin", "/stations/"),
    ("dispatcher", "/desk/?queue=overdue"), ("enterprise", "/notices/"), ("grid", "/stations/"), ("resident", "/search/?q=路灯"), ("", "/search/?q=zzzz"),
    ("admin", "/"), ("utilities", "/"), ("committee", "/environment/"),
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """One address of the URL configuration: its name and its path with the names of parameters in braces."""

    name: str
    path: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A page to be looked at, and who looks."""

    reader: str
    path: str


def addresses() -> Iterator[Address]:
    """Return every address but the API's own."""
    for path, name, parameters in _walked(get_resolver(), "", ()):
        if not path.startswith(("/api/", "/__")):
            yield Address(name, path, parameters)


def _walked(resolver: URLResolver, before: str, names: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _walked(pattern, before + str(pattern.pattern), (*names, pattern.namespace) if pattern.namespace else names)
        elif isinstance(pattern, URLPattern):
            written = before + str(pattern.pattern)
            parameters = tuple(pattern.pattern.regex.groupindex)
            yield "/" + _with_braces(written), ":".join((*names, pattern.name or "")), parameters


def _with_braces(written: str) -> str:
    """Return `report/<slug:slug>/` or `^environment/(?P<part>air|water)/$` as `report/{slug}/`."""
    plain = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", written)
    plain = re.sub(r"\(\?:[^()]*\)\??", "", plain)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", plain).lstrip("^").rstrip("$").replace("\\", "")


def key_of(address: Address, parameter: str) -> str | None:
    """Return the line of VALUES that fills a parameter."""
    namespace = address.name.split(":")[0]
    return next((key for key in (f"{address.name}.{parameter}", f"{namespace}.{parameter}", parameter) if key in VALUES), None)


def unfilled() -> list[str]:
    """Return the parameters that nothing fills, as sentences."""
    return [
        f"{address.name} ({address.path}): say in tests/walk/pages.py, VALUES, what <{parameter}> may be; or in NO_PAGES why it is no page"
        for address in addresses() if address.name not in NO_PAGES for parameter in address.parameters if key_of(address, parameter) is None
    ]  # fmt: skip


class Readers:
    """The readers, signed in over HTTP; what they get shows whether an address is a page and for whom."""

    def __init__(self, base: str, owner_url: str) -> None:
        self.base = base
        self.clients = {reader: httpx.Client(base_url=base, timeout=30) for reader in READERS}
        for reader in READERS[1:]:
            client = self.clients[reader]
            client.get("/sign-in/")
            told = {"username": reader, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
            assert client.post("/sign-in/", data=told).status_code == 302, reader
        self._bring_readings()
        with psycopg.connect(owner_url, autocommit=True) as owner:
            town = self._one(owner, "SELECT id FROM territory_town WHERE is_default")
            used = {key_of(one, each) for one in addresses() if one.name not in NO_PAGES for each in one.parameters}
            # a case's title is kept in the language it was written in, also where the product wrote it
            self.titles = {
                row[0] for table in ("title FROM cases_case", "title FROM book_account", "words FROM book_posting")
                for row in owner.execute(f"SELECT {table}").fetchall()
            }
            self.values = {key: self._one(owner, sql.format(town=town)) for key, sql in VALUES.items() if key in used}

    def _bring_readings(self) -> None:
        """Bring a small file of readings, so that the page of such a file can be walked."""
        client = self.clients["committee"]
        if client.get("/stations/import/").status_code != 200:
            return
        told = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
        table = b"time,COD\n2026-01-01 00:00,31.5\n2026-01-01 01:00,32.0\n"
        brought = client.post("/stations/import/", data=told, files={"file": ("化学需氧量.csv", table, "text/csv")})
        assert brought.status_code == 302, brought.text[:400]

    @staticmethod
    def _one(owner: "psycopg.Connection[Any]", sql: str) -> str | None:
        row = owner.execute(sql).fetchone()  # type: ignore[call-overload]
        return None if row is None else str(row[0])

    def pages(self) -> tuple[list[Page], list[str]]:
        """Return the pages with their first reader, and the addresses that nobody could open."""
        pages, closed = [], []
        for address in addresses():
            if address.name in NO_PAGES or address.name in DRAFTED:
                continue
            given = {parameter: self.values.get(key_of(address, parameter) or "") for parameter in address.parameters}
            if None in given.values():
                closed.append(f"{address.name} ({address.path}): the demo has nothing for it: {given}")
                continue
            path = address.path.format(**given) + ASKED.get(address.name, "")
            answers = []
            for reader in (OF[address.name],) if address.name in OF else READERS:
                with self.clients[reader].stream("GET", path) as got:
                    kind = got.headers.get("Content-Type", "").split(";")[0]
                    answers.append(f"{reader or 'anybody'} {got.status_code}")
                    if got.status_code == 405 or (got.status_code == 200 and kind != "text/html"):
                        break  # data, or a button's address
                    if reader and got.status_code == 302 and not got.headers["Location"].startswith("/sign-in/"):
                        break  # a button's address: opened by hand it leads to the page that the button is on
                    if got.status_code == 200:
                        if "<html" in got.read().decode()[:400]:  # else a part that a page asks for
                            pages.append(Page(reader, path))
                        break
            else:
                closed.append(f"{address.name} ({path}): nobody could open it: {', '.join(answers)}")
        return pages, closed

    def acts(self) -> list[Page]:
        """Return one page for every act that is offered to somebody."""
        found: dict[str, Page] = {}
        for reader in ("utilities", "dispatcher", "supervisor", "resident", "ecology", "committee", "enterprise"):
            desk = self.clients[reader].get("/desk/").text + self.clients[reader].get("/").text
            for slug in dict.fromkeys(re.findall(r'href="/cases/(\d{4}-\d{5})/', desk)):
                case = self.clients[reader].get(f"/cases/{slug}/").text
                for name in re.findall(rf'"/cases/{slug}/([a-z-]+)/', case):
                    found.setdefault(name, Page(reader, f"/cases/{slug}/{name}/"))
        return list(found.values())
