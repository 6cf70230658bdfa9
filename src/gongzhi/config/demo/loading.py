"""Makes the demo towns, once: everything through operations, in the order in which it would have happened."""

import argparse
import heapq
import itertools
import os
import random
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import shapely
from django.db import connection
from django.utils import timezone, translation

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.cases.lifecycle import OPEN_STATES, State
from gongzhi.config.demo import benefits as benefits_demo
from gongzhi.config.demo import catalogue, conditions, emergencies, exchange, matters, papers, pictures, registers, territory, watch
from gongzhi.config.demo import openness as openness_demo
from gongzhi.config.demo import people as people_demo
from gongzhi.config.demo import policies as policies_demo
from gongzhi.config.demo import voice as voice_demo
from gongzhi.config.demo.accounts import ACCOUNTS, PASSWORD
from gongzhi.evaluation import operations as evaluation
from gongzhi.evaluation import queries as evaluation_queries
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.notices import queries as notice_queries
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organ_queries
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people import queries as people_queries
from gongzhi.foundation.territory import operations as territories
from gongzhi.foundation.territory import queries as places
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.archive import moving as archive
from gongzhi.management_line.feeds import demo as feeds_demo
from gongzhi.management_line.sensing import demo

MAKER = system("demo")
DAYS = 60
FOUNDED = timedelta(days=DAYS + 200)
IMPRINT = {"organiser": "云溪小镇管理委员会", "organiser_en": "Yunxi Town Management Committee", "phone": "0571-8800 0000", "record": "演示环境，未备案"}
ERASURE = {"days": 7, "by": "clock"}
KEPT_DAYS = 300  # for which raw readings stay in the database: the oldest months of the demo lie in files
RETENTION = {
    "caller": {"days": 730, "basis": "《个人信息保护法》第十九条：保存期限应为实现处理目的所必要的最短时间"},
    "resident": {"days": 1095, "basis": "《个人信息保护法》第十九条、第四十七条"},
    "staff": {"days": 1825, "basis": "《小镇人事档案管理规定（2026）》第六条"},
    "looks": {"days": 1095, "basis": "《个人信息保护法》第五十六条：处理情况记录至少保存三年"},
}


def load(arguments: list[str]) -> int:
    """Load both towns if the installation has none; return the exit code."""
    parser = argparse.ArgumentParser(prog="./gongzhi load-demo")
    parser.add_argument("--cases", type=int, default=int(os.environ.get("GONGZHI_DEMO_CASES", "380")), help="how many cases of history")
    parser.add_argument("--move-broker", type=int, metavar="PORT", help="only tell the loaded town's MQTT feed that its simulated broker has this port now")
    given = parser.parse_args(arguments)
    if given.move_broker:
        town = places.towns(seen_by=ANYONE).filter(code="yunxi").first()
        if town is not None:
            with in_town(town.pk):
                feeds_demo.move(by=MAKER, at=timezone.now(), port=given.move_broker)
        return 0
    if places.towns(seen_by=ANYONE).exists():
        print("This installation has a town already; the demo towns are loaded into an empty one only.", file=sys.stderr)
        return 1
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # a load that is cut off is thrown away and begun anew
    with translation.override("zh-hans"):
        make_yunxi(now, given.cases)
        make_lanwan(now, max(8, given.cases // 10))
    return 0


@dataclass
class TownKit:
    """What was made for a town, by key."""

    now: datetime
    areas: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Any] = field(default_factory=dict)
    organs: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    officers: dict[int, list[int]] = field(default_factory=dict)
    walkers: dict[str, list[int]] = field(default_factory=dict)  # community key → grid workers
    categories: dict[str, Any] = field(default_factory=dict)
    spots: list[territory.Spot] = field(default_factory=list)

    def actor(self, person_id: int, at: datetime) -> Actor:
        """Return a person as an actor at a moment."""
        return organ_queries.actor_for_person(seen_by=ANYONE, person_id=person_id, at=at)


def make_yunxi(now: datetime, count: int) -> TownKit:
    """Make the first town with its log-ins, stations and two months of history."""
    territories.found_town(
        by=MAKER, at=now - FOUNDED, code="yunxi", name="云溪小镇", name_en="Yunxi Town", short_name="云溪", division_code="330110108",
        is_default=True,
        settings={"dispatch_organ": "centre", "open311_keys": ["demo"], "imprint": IMPRINT, "erasure": ERASURE,
            "retention": RETENTION, "raw_reading_days": KEPT_DAYS},
    )  # fmt: skip
    kit = _ground(now, territory.YUNXI, catalogue.ORGANS, "330110108", "云溪小镇")
    _accounts(kit)
    _catalogue(kit)
    _stations(kit)
    registers.load_yunxi(by=MAKER, now=now, organs=kit.organs, middle=territory.YUNXI.centre, spots=kit.spots)
    _population(kit, territory.YUNXI, "resident", 900)
    papers.papers_of_yunxi(by=MAKER, now=now, organs=kit.organs, person_id=kit.people["resident"].pk, name="王秀兰")
    exchange.exchange(by=MAKER, at=now - timedelta(hours=3), organs_by_code={code: organ.pk for code, organ in kit.organs.items()}, people=kit.people)
    _history(kit, count, random.Random(7))
    evaluation.adopt_shipped_indicators(by=MAKER, at=now - timedelta(days=DAYS), owner_id=kit.organs["committee"].pk)
    found = evaluation_queries.look_through(seen_by=CLOCK, at=now)
    evaluation.make_findings(by=CLOCK, at=now, week=evaluation_queries.week_of(seen_by=CLOCK, at=now), found=found)
    watch.watch(by=MAKER, at=now, begins_at=now - FOUNDED, category_ids={code: category.pk for code, category in kit.categories.items()})
    archive.move_out(by=CLOCK, at=now)
    emergencies.make(now=now, actor=kit.actor, people={name: person.pk for name, person in kit.people.items()})
    return kit


def make_lanwan(now: datetime, count: int) -> TownKit:
    """Make the second town: smaller, with its own rules, seeing nothing of the first."""
    territories.found_town(
        by=MAKER, at=now - FOUNDED, code="lanwan", name="兰湾小镇", name_en="Lanwan Town", short_name="兰湾", division_code="330206005",
        settings={"dispatch_organ": "centre", "open311_keys": ["demo"], "erasure": ERASURE, "retention": RETENTION},
    )  # fmt: skip
    kit = _ground(now, territory.LANWAN, catalogue.LANWAN_ORGANS, "330206005", "兰湾小镇")
    _some_officers(kit)
    for username, organ, role, area in (
        ("dispatcher", "centre", "dispatcher", ""), ("committee", "committee", "committee_member", ""), ("utilities", "utilities", "department_officer", ""),
        ("grid", "station-west", "grid_worker", "west"), ("resident", "", "", ""),
    ):  # fmt: skip
        _account(kit, username, "兰湾" + username, "兰湾居民" if not organ else f"{username} 01", organ, role, area, "staff" if organ else "resident")
    _catalogue(kit)
    registers.load_lanwan(by=MAKER, now=now, organs=kit.organs, middle=territory.LANWAN.centre, spots=kit.spots)
    _population(kit, territory.LANWAN, "resident", 150)
    exchange.catalogue(by=MAKER, at=now, organs={code: organ.pk for code, organ in kit.organs.items()})
    _history(kit, count, random.Random(11))
    return kit


def _population(kit: TownKit, plan: territory.Plan, username: str, count: int) -> None:
    """Fill the registers of residents and firms."""
    at = kit.now - timedelta(days=40)
    people_demo.people(by=MAKER, at=at, count=count, seed=plan.seed, centre=plan.centre, radius=plan.radius * 0.8)
    phone = f"138{list(kit.people).index(username):08d}"
    people_demo.neighbours(by=MAKER, at=at, person_id=kit.people[username].pk, phone=phone)
    organs_by_code = {code: organ.pk for code, organ in kit.organs.items()}
    people_demo.firms_of(by=MAKER, at=at, organs=organs_by_code)
    officer = kit.actor(kit.people["committee"].pk, kit.now) if "committee" in kit.people else None
    benefits_demo.load(by=MAKER, officer=officer, at=at, now=kit.now, organs=organs_by_code)


# ---- ground ---------------------------------------------------------------------------------------------------------
def _ground(now: datetime, plan: territory.Plan, organ_rows: Any, division: str, name: str) -> TownKit:
    at = now - FOUNDED
    kit = TownKit(now=now)
    drawn, kit.spots = territory.draw(plan)
    numbers: dict[str, int] = {}
    for area in drawn:
        if area.key == "town":
            level, code, parent, called = "town", f"{division}000", None, name
        elif area.parent == "town":
            number = len(numbers) + 1
            numbers[area.key] = number
            level, code, parent, called = "community", f"{division}{number:03d}", kit.areas["town"], area.name
        else:
            serial = int(area.key.rsplit("-", 1)[1])
            level, code, parent, called = "grid", f"{division}{numbers[area.parent]:03d}{serial:03d}", kit.areas[area.parent], area.name
        kit.areas[area.key] = territories.define_area(
            by=MAKER, at=at, level=level, code=code, name=called, parent_id=parent.pk if parent else None, boundary=area.boundary
        )
        kit.shapes[area.key] = area
    for spot in kit.spots:
        territories.define_place(
            by=MAKER, at=at, kind=spot.kind, name=spot.name, name_en=spot.name_en, longitude=spot.longitude, latitude=spot.latitude, address=spot.address
        )
    committee = None
    for code, kind, called, called_en, area_key, phone in organ_rows:
        found = kit.areas.get(area_key)
        parent = committee if kind in ("department", "station", "stewards", "operator") else None
        kit.organs[code] = organs.define_organ(
            by=MAKER, at=at, kind=kind, code=code, name=called, name_en=called_en, parent_id=parent.pk if parent else None,
            area_id=found.pk if found else None, duty_phone=phone,
        )  # fmt: skip
        committee = committee or kit.organs[code]
    return kit


def _person(kit: TownKit, name: str, public_name: str, kind: str, phone: str) -> Any:
    return people.register_person(by=MAKER, at=kit.now - FOUNDED, kind=kind, name=name, public_name=public_name, phone=phone)


def _account(kit: TownKit, username: str, name: str, public_name: str, organ: str, role: str, area: str, kind: str) -> None:
    person = _person(kit, name, public_name, kind, f"138{len(kit.people):08d}")
    kit.people[username] = person
    people.give_login(by=MAKER, at=kit.now - FOUNDED, person_id=person.pk, username=username, password=PASSWORD)
    if kind == "resident":
        _prove_phone(kit, person)
    if organ:
        _post(kit, person, organ, role, area, public_name)


def _prove_phone(kit: TownKit, person: Any) -> None:
    """Let a resident prove their number, as they would have: a code is made and typed."""
    at = kit.now - FOUNDED
    owner = Actor(kind="person", person_id=person.pk)
    code = people.ask_phone_code(by=owner, at=at)
    told = people_queries.code_to_send(seen_by=CLOCK, code_id=code.pk, at=at)
    assert told is not None
    people.prove_phone(by=owner, at=at, code=told[1])


def _post(kit: TownKit, person: Any, organ: str, role: str, area: str, title: str) -> None:
    body = kit.organs[organ]
    organs.give_post(
        by=MAKER, at=kit.now - FOUNDED, person_id=person.pk, organ_id=body.pk, role=role, title=title,
        area_id=kit.areas[area].pk if area else None, starts_on=(kit.now - FOUNDED).date(),
    )  # fmt: skip
    if role != "grid_worker":
        kit.officers.setdefault(body.pk, []).append(person.pk)
    else:
        kit.walkers.setdefault(area, []).append(person.pk)


def _accounts(kit: TownKit) -> None:
    for account in ACCOUNTS:
        _account(kit, account.username, account.name, account.public_name, account.organ, account.role, account.area, account.kind)
    _some_officers(kit)


def _some_officers(kit: TownKit) -> None:
    """Give every organ at least one officer and every community a grid worker, without log-ins."""
    for number, (code, organ) in enumerate(kit.organs.items(), start=1):
        if organ.kind in ("committee", "enterprise", "council"):
            continue
        area = code.removeprefix("station-") if organ.kind == "station" else ""
        role = {"station": "station_officer", "stewards": "steward", "operator": "operator_staff"}.get(organ.kind, "department_officer")
        _post(kit, _person(kit, f"经办{number:02d}", f"经办岗 {number + 20}", "staff", f"139{number:08d}"), code, role, area, f"经办岗 {number + 20}")
        if organ.kind == "station":
            walker = _person(kit, f"网格{number:02d}", f"网格岗 {number + 20}", "staff", f"137{number:08d}")
            _post(kit, walker, code, "grid_worker", area, f"网格岗 {number + 20}")


def _catalogue(kit: TownKit) -> None:
    at = kit.now - FOUNDED
    mains = {
        code: cases.define_category(by=MAKER, at=at, code=code, name=name, name_en=name_en, life=life)
        for code, (life, name, name_en) in catalogue.MAINS.items()
    }
    for leaf in catalogue.LEAVES:
        lead = kit.organs.get(leaf.lead) or kit.organs["utilities"]
        category = cases.define_category(
            by=MAKER, at=at, code=leaf.code, name=leaf.name, name_en=leaf.name_en, life=mains[leaf.main].life, parent_id=mains[leaf.main].pk,
            sort=leaf.sort, severity=leaf.severity, limit=leaf.limit, basis=leaf.basis, keywords=leaf.keywords, for_public=leaf.for_public,
            restricted=leaf.restricted,
        )  # fmt: skip
        kit.categories[leaf.code] = category
        if lead.kind == "station":  # each community's own station leads
            stations = ((kit.organs[f"station-{key}"], area) for key, area in kit.areas.items() if f"station-{key}" in kit.organs)
            for number, (station, area) in enumerate(stations, start=1):
                cases.define_responsibility(
                    by=MAKER, at=at, clause=f"{leaf.clause}-{number:02d}", category_id=category.pk, lead_id=station.pk, area_id=area.pk,
                    starts_on=at.date(), basis="《小镇权责清单（2026）》",
                )  # fmt: skip
            continue
        cases.define_responsibility(
            by=MAKER, at=at, clause=leaf.clause, category_id=category.pk, lead_id=lead.pk, starts_on=at.date(), basis="《小镇权责清单（2026）》"
        )
    for kind in kinds.kinds():
        definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
        cases.adopt_procedure(by=MAKER, at=at, kind=kind.code, definition=definition, reason="随系统启用的首版流程")
    conditions.load(by=MAKER, at=at)
    openness_demo.define(by=MAKER, now=kit.now, organs={code: organ.pk for code, organ in kit.organs.items()})
    policies_demo.load(by=MAKER, now=kit.now, organs={code: organ.pk for code, organ in kit.organs.items()}, short=places.town(seen_by=ANYONE).short_name)
    voice_demo.load(by=MAKER, now=kit.now, organs={code: organ.pk for code, organ in kit.organs.items()})


def _stations(kit: TownKit) -> None:
    """Register the monitoring stations that the simulator plays, with a year of hours and two days of readings behind them."""
    demo.register_stations(by=MAKER, at=kit.now - FOUNDED, connected=demo.connected_at(kit.now),
                           organ_ids={code: organ.pk for code, organ in kit.organs.items()},
                           category_ids={code: category.pk for code, category in kit.categories.items()})  # fmt: skip
    demo.play_hours(by=MAKER, at=kit.now)
    demo.play_past(by=MAKER, at=kit.now)
    mill = kit.organs.get("firm-weaving")
    demo.play_closed(by=MAKER, at=kit.now, organ_id=mill.pk if mill else None)
    feeds_demo.set_up(by=MAKER, at=kit.now - FOUNDED, connected=kit.now - timedelta(hours=feeds_demo.HOURS),
                      organ_ids={code: organ.pk for code, organ in kit.organs.items()})  # fmt: skip
    feeds_demo.play_past(at=kit.now)


# ---- history --------------------------------------------------------------------------------------------------------
Event = Callable[[datetime], None]


class _Story:
    """Acts in the order of their times, whatever case they are of."""

    def __init__(self, kit: TownKit, chance: random.Random) -> None:
        self.kit = kit
        self.chance = chance
        self.working = calendar.working_time(seen_by=ANYONE)
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = itertools.count()

    def at(self, moment: datetime, event: Event) -> None:
        """Let something happen at a moment, unless it lies in the future."""
        if moment < self.kit.now:
            heapq.heappush(self._events, (moment, next(self._order), event))

    def after(self, start: datetime, hours: float) -> datetime:
        """Return the moment so many working hours after the start."""
        return self.working.moment_of(self.working.seconds_before(start) + hours * 3600) + timedelta(seconds=self.chance.randint(0, 59))

    def run(self) -> None:
        while self._events:
            moment, _order, event = heapq.heappop(self._events)
            try:
                event(moment)
            except Refused as refused:  # what the rules do not allow did not happen
                if os.environ.get("GONGZHI_DEMO_STRICT"):
                    raise AssertionError(f"{event}: {refused}") from refused


def _history(kit: TownKit, count: int, chance: random.Random) -> None:
    story = _Story(kit, chance)
    leaves = [leaf for leaf in catalogue.LEAVES if leaf.texts]
    weights = [4.0 if leaf.main in ("H3", "H2", "H1") else 2.0 if leaf.main in ("H4", "E2", "E3", "E1") else 1.0 for leaf in leaves]
    begin = kit.now - timedelta(days=DAYS)
    for _case in range(count):
        share = chance.betavariate(1.35, 1.0)  # a little more of late
        moment = begin + timedelta(days=DAYS * share)
        local = moment.astimezone(story.working.zone)
        moment = local.replace(hour=min(22, max(6, round(chance.gauss(13, 4)))), minute=chance.randint(0, 59), second=chance.randint(0, 59))
        leaf = chance.choices(leaves, weights)[0]
        story.at(moment, _opening(story, leaf))
    openness_demo.history(
        now=kit.now, organs={code: organ.pk for code, organ in kit.organs.items()}, officer=lambda organ_id, at: _officer(story, organ_id, at),
        people=[kit.people[name].pk for name in ("resident", "resident2") if name in kit.people], at=story.at,
    )  # fmt: skip
    for hour in range(0, DAYS * 24, 6):
        story.at(begin + timedelta(hours=hour, minutes=5), _mark_time)
    story.at(kit.now - timedelta(seconds=30), _mark_time)
    matters.plan(by=MAKER, kit=kit, at=story.at, working=story.working, count=count // 3, days=DAYS, seed=31, founded=kit.now - FOUNDED)
    story.run()
    for person in kit.people.values():  # what is older than a few days has been read by now
        actor = kit.actor(person.pk, kit.now)
        old = list(notice_queries.notices(seen_by=actor, unread_only=True).filter(made_at__lt=kit.now - timedelta(days=3)).values_list("pk", flat=True))
        if old:
            notices.read_notices(by=actor, at=kit.now, notice_ids=old)


def _mark_time(at: datetime) -> None:
    memory.forget()
    waiting = queries.clocks_to_mark(seen_by=CLOCK, at=at)
    if waiting:
        cases.mark_overdue(by=CLOCK, at=at, clock_ids=waiting)


def _opening(story: _Story, leaf: catalogue.Leaf) -> Event:
    kit, chance = story.kit, story.chance

    def open_it(at: datetime) -> None:
        key = chance.choice([key for key, area in kit.shapes.items() if area.parent not in ("", "town")])
        longitude, latitude = territory.inside(shapely.geometry.shape(kit.shapes[key].boundary), chance)
        community = kit.shapes[key].parent
        near = min(kit.spots, key=lambda spot: (spot.longitude - longitude) ** 2 + (spot.latitude - latitude) ** 2)
        address = f"{near.name}{chance.choice(('附近', '东侧', '西侧', '门口', '对面'))}"
        outside = chance.random() < 0.006
        if outside:
            longitude, latitude = longitude + 0.2, latitude
        origin = chance.choices(("resident", "patrol", "hotline", "enterprise"), (55, 25, 15, 5))[0]
        by, raised_by, code = _raiser(kit, chance, origin, community, at)
        photos = []
        if at > kit.now - timedelta(days=12) and leaf.code in pictures.SUBJECTS and chance.random() < 0.7:
            photos = [_photo(by, at, pictures.SUBJECTS[leaf.code], chance, "现场")]
        need = cases.Need(
            kind="report", title=_title(leaf, address), text=chance.choice(leaf.texts).format(place=address),
            category_id=kit.categories[leaf.code].pk,
            longitude=longitude, latitude=latitude, address=address, origin=origin, raised_by_id=raised_by, follow_code_hash=code, attachment_ids=tuple(photos),
        )  # fmt: skip
        case = cases.open_case(by=by, at=at, need=need)
        _continue(story, case.pk, leaf, community, at)

    return open_it


def _title(leaf: catalogue.Leaf, address: str) -> str:
    return f"{address}{leaf.name}" if leaf.main not in ("H6", "W2", "W3") else leaf.name


def _raiser(kit: TownKit, chance: random.Random, origin: str, community: str, at: datetime) -> tuple[Actor, int | None, bytes | None]:
    if origin == "patrol":
        walker = chance.choice(kit.walkers[community])
        return kit.actor(walker, at), walker, None
    if origin == "hotline":
        dispatcher = kit.people["dispatcher"].pk
        return kit.actor(dispatcher, at), None, secrets.token_bytes(32)
    known = [kit.people[name].pk for name in ("resident", "resident2", "enterprise") if name in kit.people]
    if chance.random() < 0.25:
        person = chance.choice(known)
        return kit.actor(person, at), person, None
    return ANYONE, None, secrets.token_bytes(32)


def _photo(by: Actor, at: datetime, subject: str, chance: random.Random, name: str) -> int:
    added = attachments.add_attachment(by=by, at=at, content=pictures.picture(subject, chance.randrange(10**6)), name=f"{name}.jpg", is_public=True)
    return int(added.pk)


def _continue(story: _Story, case_id: int, leaf: catalogue.Leaf, community: str, at: datetime) -> None:
    """Let the case go its way: handled in good time mostly, late now and then, returned or stopped sometimes."""
    chance = story.chance
    case = queries.case_by_id(seen_by=CLOCK, case_id=case_id)
    assert case.due_at is not None
    total = (story.working.seconds_before(case.due_at) - story.working.seconds_before(at)) / 3600
    begin = story.after(at, max(0.3, total * chance.uniform(0.03, 0.25)))
    way = chance.random()
    if way < 0.07 and leaf.lead != "utilities":
        story.at(begin, lambda t: _return_and_settle(story, case_id, leaf, t))
        begin = story.after(begin, chance.uniform(2, 6))
    elif way < 0.11:
        story.at(story.after(begin, 1), lambda t: _stop(story, case_id, t))
    elif way < 0.16:
        story.at(story.after(begin, 0.5), lambda t: _join(story, case_id, leaf, t))
    story.at(begin, lambda t: _accept(story, case_id, t))
    share = chance.uniform(1.05, 1.7) if chance.random() < 0.1 else chance.uniform(0.3, 0.95)
    story.at(story.after(at, max(1.0, total * share)), lambda t: _answer(story, case_id, leaf, community, t))


def _state(case_id: int) -> Any:
    return queries.case_by_id(seen_by=CLOCK, case_id=case_id)


def _officer(story: _Story, organ_id: int | None, at: datetime) -> Actor | None:
    known = story.kit.officers.get(organ_id or 0)
    return story.kit.actor(story.chance.choice(known), at) if known else None


def _accept(story: _Story, case_id: int, at: datetime) -> None:
    case = _state(case_id)
    officer = _officer(story, case.lead_id, at)
    if case.state == State.ASSIGNED.value and officer:
        cases.accept_case(by=officer, at=at, case_id=case_id, text=story.chance.choice(("已联系，正赶往现场。", "已受理，安排人员处理。", "")))
    elif case.state in (State.OPENED.value, State.RETURNED.value, State.REOPENED.value) and case.lead_id is None:
        dispatcher = story.kit.actor(story.kit.people["dispatcher"].pk, at)
        cases.assign_case(by=dispatcher, at=at, case_id=case_id, organ_id=story.kit.organs["utilities"].pk)


def _return_and_settle(story: _Story, case_id: int, leaf: catalogue.Leaf, at: datetime) -> None:
    case = _state(case_id)
    officer = _officer(story, case.lead_id, at)
    if case.state != State.ASSIGNED.value or officer is None:
        return
    cases.return_case(by=officer, at=at, case_id=case_id, reason=story.chance.choice(catalogue.RETURN_REASONS), clause=leaf.clause)
    dispatcher = story.kit.people["dispatcher"].pk
    lead = case.lead_id

    def again(moment: datetime) -> None:
        to = lead if story.chance.random() < 0.5 else story.kit.organs["utilities"].pk
        by = story.kit.actor(dispatcher, moment)
        cases.assign_case(by=by, at=moment, case_id=case_id, organ_id=to, clause=leaf.clause, text="按清单由该单位牵头，请办理。")
        story.at(story.after(moment, 1), lambda t: _accept(story, case_id, t))

    if story.chance.random() < 0.9:
        story.at(story.after(at, story.chance.uniform(0.5, 2)), again)


def _stop(story: _Story, case_id: int, at: datetime) -> None:
    case = _state(case_id)
    officer = _officer(story, case.lead_id, at)
    if case.state != State.IN_HAND.value or officer is None:
        return
    cases.suspend_case(
        by=officer, at=at, case_id=case_id, ground=story.chance.choice(("correction", "expert_review", "public_notice")),
        basis="《云溪小镇事项办理时限规定》第九条", reason="等待申请人补充材料或专家意见",
    )  # fmt: skip
    story.at(story.after(at, story.chance.uniform(5, 14)), lambda t: _resume(story, case_id, t))


def _resume(story: _Story, case_id: int, at: datetime) -> None:
    case = _state(case_id)
    officer = _officer(story, case.lead_id, at)
    if case.state == State.SUSPENDED.value and officer:
        cases.resume_case(by=officer, at=at, case_id=case_id, text="材料已齐，恢复计时。")


def _join(story: _Story, case_id: int, leaf: catalogue.Leaf, at: datetime) -> None:
    case = _state(case_id)
    officer = _officer(story, case.lead_id, at)
    other = story.chance.choice([code for code in ("utilities", "enforcement", "ecology", "water") if code in story.kit.organs])
    organ = story.kit.organs[other]
    if case.state not in (State.ASSIGNED.value, State.IN_HAND.value) or officer is None or organ.pk == case.lead_id:
        return
    joined = cases.join_case(by=officer, at=at, case_id=case_id, organ_id=organ.pk, task="协助现场查勘并提供意见", required=False, limit=(2, "working_days"))

    def report(moment: datetime) -> None:
        helper = _officer(story, organ.pk, moment)
        if helper and _state(case_id).state in (State.ASSIGNED.value, State.IN_HAND.value):
            cases.answer_join(by=helper, at=moment, task_id=joined.pk, result="已到场查勘，意见已附，无异议。")

    story.at(story.after(at, story.chance.uniform(3, 10)), report)


def _answer(story: _Story, case_id: int, leaf: catalogue.Leaf, community: str, at: datetime) -> None:
    case = _state(case_id)
    officer = _officer(story, case.lead_id, at)
    if officer is None or State(case.state) not in OPEN_STATES:
        return
    if case.state not in (State.ASSIGNED.value, State.IN_HAND.value):
        story.at(story.after(at, 4), lambda t: _answer(story, case_id, leaf, community, t))
        return
    photos = []
    if at > story.kit.now - timedelta(days=10) and leaf.code in pictures.SUBJECTS:
        photos = [_photo(officer, at, "fixed-" + pictures.SUBJECTS[leaf.code], story.chance, "处置后")]
    cases.answer_case(by=officer, at=at, case_id=case_id, public_text=story.chance.choice(catalogue.RESULTS[leaf.main]), attachment_ids=photos)
    story.at(story.after(at, story.chance.uniform(0.5, 6)), lambda t: _verify(story, case_id, leaf, community, t))


def _verify(story: _Story, case_id: int, leaf: catalogue.Leaf, community: str, at: datetime) -> None:
    case = _state(case_id)
    if case.state != State.ANSWERED.value:
        return
    if case.unlocated:
        checker = story.kit.people["dispatcher"].pk
    else:
        checker = story.chance.choice(story.kit.walkers[community])
    passed = story.chance.random() > 0.06
    text = story.chance.choice(catalogue.CHECKS if passed else catalogue.FAILED_CHECKS)
    place = {"longitude": case.longitude + 0.00004, "latitude": case.latitude - 0.00003} if case.longitude else {}
    cases.verify_case(by=story.kit.actor(checker, at), at=at, case_id=case_id, passed=passed, text=text, **place)
    if passed:
        story.at(at + timedelta(hours=story.chance.uniform(1, 40)), lambda t: _rate(story, case_id, t))
    else:
        story.at(story.after(at, story.chance.uniform(2, 8)), lambda t: _answer(story, case_id, leaf, community, t))


def _rate(story: _Story, case_id: int, at: datetime) -> None:
    case = _state(case_id)
    if case.state != State.CLOSED.value or story.chance.random() > 0.62:
        return
    if case.raised_by_id:
        by = story.kit.actor(case.raised_by_id, at)
    else:
        raisers = [party.pk for party in queries.parties(seen_by=CLOCK, case=case) if party.via != "follows"]
        by = Actor(kind="follower", case_ids=frozenset({case_id}), party_ids=frozenset(raisers[:1]))
    level = story.chance.choices((1, 2, 3, 4, 5), (2, 3, 9, 36, 50))[0]
    text = story.chance.choice(catalogue.COMPLAINTS if level <= 2 else catalogue.PRAISE)
    cases.rate_case(by=by, at=at, case_id=case_id, level=level, text=text, solved=level > 2)
    if level <= 2:
        story.at(story.after(at, story.chance.uniform(1, 6)), lambda t: _call_back(story, case_id, t))


def _call_back(story: _Story, case_id: int, at: datetime) -> None:
    caller = story.kit.people.get("supervisor") or story.kit.people["dispatcher"]
    for follow_up in queries.follow_ups(seen_by=CLOCK, case=_state(case_id)):
        if follow_up.state != "to_call":
            continue
        cases.follow_up_rating(by=story.kit.actor(caller.pk, at), at=at, follow_up_id=follow_up.pk, step="called", text="已致电，对方希望再次到场处理。")
        story.at(story.after(at, story.chance.uniform(6, 40)), partial(_put_right, story, case_id, follow_up.pk))


def _put_right(story: _Story, case_id: int, follow_up_id: int, at: datetime) -> None:
    officer = _officer(story, _state(case_id).lead_id, at)
    if officer:
        cases.follow_up_rating(by=officer, at=at, follow_up_id=follow_up_id, step="put_right", text="已再次到场整改，并请当事居民现场确认。")

