"""Feeds set up and changed, their passwords and mappings."""

import ssl
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.feeds import rules
from gongzhi.management_line.feeds.facts import FeedDefined, FeedPasswordChanged, FeedSwitched, MappingsKept
from gongzhi.management_line.feeds.mapping import BadMapping, Compiled
from gongzhi.management_line.feeds.models import Feed, Mapping
from gongzhi.management_line.feeds.topics import filter_fault, overlap

MOST_FILTERS = 20
RESERVED = frozenset({"new"})


class BadTopic(Refused):
    sentence = _("This is no topic filter: %(why)s")
    field = "topic"


class BadFeed(Refused):
    sentence = _("Give a broker's host name and a port between 1 and 65535; a session lasts at most 30 days.")
    field = "host"


class BadAuthority(Refused):
    sentence = _("This is no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----.")
    field = "authority"


class FeedTaken(Refused):
    sentence = _("There is a feed with this short name already; choose another one.")
    field = "code"


class CannotMap(Refused):
    sentence = _("This mapping cannot be used: %(why)s")
    field = "definitions"


def _topics(text: str) -> str:
    """Return topic filters, one a line, without blank lines; raise BadTopic."""
    filters = [line.strip() for line in text.splitlines() if line.strip()]
    if not filters or len(filters) > MOST_FILTERS:
        raise BadTopic(why=_now("give 1 to %(most)d filters, a line each") % {"most": MOST_FILTERS})
    for one in filters:
        if fault := filter_fault(one):
            raise BadTopic(why=f"{one}: {fault}" if len(filters) > 1 else fault)
    for one, other in combinations(filters, 2):
        if overlap(one, other):
            raise BadTopic(why=_now("%(one)s and %(other)s overlap, so some messages would come twice") % {"one": one, "other": other})
    return "\n".join(filters)


class PasswordAnew(Refused):
    sentence = _("The broker is another, or is proved otherwise: give its password anew. The one that is kept was given for the broker before.")
    field = "password"


@operation
def define_feed(*, by: Actor, at: datetime, code: str, name: str, host: str, topic: str, port: int = 1883, tls: bool = False, authority: str = "",
                username: str = "", password: str | None = None, qos: int = 1, session_seconds: int = 86_400, is_active: bool = True,
                is_new: bool = False) -> Feed:  # fmt: skip
    """Set up a feed, or change the one with this code; `is_new`: refuse where there is one already.

    `topic`: topic filters, one a line, none overlapping another. `password`: None leaves it as it is, "" takes it away.
    QoS 2 is not offered: repeats are harmless here, and a handshake that was cut off half-way could lose what QoS 1 brings again.
    """
    ensure(rules.may_define)
    topic = _topics(topic)
    if not host.strip() or not 0 < port < 65_536 or qos not in (0, 1) or not 0 <= session_seconds <= 2_592_000:
        raise BadFeed
    if authority.strip():
        try:
            ssl.create_default_context(cadata=authority)
        except (ssl.SSLError, ValueError, TypeError) as error:  # TypeError: letters that no certificate has
            raise BadAuthority from error
    given: dict[str, Any] = {
        "name": name, "host": host.strip(), "port": port, "tls": tls, "authority": authority.strip(), "username": username, "topic": topic, "qos": qos,
        "session_seconds": session_seconds, "is_active": is_active,
    }  # fmt: skip
    if password is not None:
        given["sealed_password"] = sealing.seal_text(password, "feed")
    if code in RESERVED:
        raise FeedTaken
    feed, made = Feed.objects.get_or_create(town_id=current_town(), code=code, defaults=given | {"made_at": at})
    if not made:
        if is_new:
            raise FeedTaken
        moved = feed.host != given["host"] or (feed.tls and not tls) or feed.authority != given["authority"]
        if moved and feed.sealed_password and password is None:
            raise PasswordAnew  # a stored password goes to the broker it was given for, and to no other
        Feed.objects.filter(pk=feed.pk).update(**given, **_anew(at))
        feed.refresh_from_db()
    record(FeedDefined(subject=ref(feed), code=code, is_active=is_active))
    return feed


def _anew(at: datetime) -> dict[str, Any]:
    """Return what makes the process connect anew."""
    return {"version": F("version") + 1, "state": Feed.State.WAITING, "state_at": at, "last_error": "", "last_said": []}


@operation
def switch_feed(*, by: Actor, at: datetime, feed_id: int, is_active: bool) -> Feed:
    """Switch a feed on or off; what it brought stays."""
    ensure(rules.may_define)
    feed = Feed.objects.select_for_update().get(pk=feed_id)
    if feed.is_active != is_active:
        Feed.objects.filter(pk=feed_id).update(is_active=is_active, **_anew(at))
        feed.refresh_from_db()
    record(FeedSwitched(subject=ref(feed), is_active=is_active))
    return feed


@operation
def change_password(*, by: Actor, at: datetime, feed_id: int, username: str, password: str) -> Feed:
    """Give a feed another name and password at its broker; it connects anew with them. Both empty: it connects without."""
    ensure(rules.may_define)
    feed = Feed.objects.select_for_update().get(pk=feed_id)
    Feed.objects.filter(pk=feed_id).update(username=username, sealed_password=sealing.seal_text(password, "feed"), **_anew(at))
    feed.refresh_from_db()
    record(FeedPasswordChanged(subject=ref(feed)))
    return feed


@operation
def keep_mappings(*, by: Actor, at: datetime, feed_id: int, definitions: Sequence[Fields[str, Any]]) -> list[Mapping]:
    """Give a feed these mappings instead of those it had; the first that fits a topic is used."""
    ensure(rules.may_define)
    feed = Feed.objects.select_for_update().get(pk=feed_id)
    zone = territory.town(seen_by=by).zone
    for number, definition in enumerate(definitions, 1):
        try:
            Compiled(definition, zone)
        except BadMapping as error:
            why = str(error) if len(definitions) == 1 else f"{number}. {error}"
            raise CannotMap(why=why, faults=error.faults) from error
    Mapping.objects.filter(feed=feed).delete()
    kept = Mapping.objects.bulk_create(
        [Mapping(town_id=current_town(), feed=feed, place=place, definition=dict(definition)) for place, definition in enumerate(definitions)]
    )
    Feed.objects.filter(pk=feed_id).update(version=F("version") + 1)
    record(MappingsKept(subject=ref(feed), count=len(kept)))
    return kept
