"""The statutory list is set, and filled in good time or visibly late (政府信息公开条例 art. 26: within 20 working days of making or change)."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.openness import queries, rules
from gongzhi.service_line.openness.facts import ColumnDefined, EntryPublished, EntryTold
from gongzhi.service_line.openness.models import Column, Entry
from gongzhi.service_line.openness.queries.columns import working_days_between


class BadCode(Refused):
    sentence = _("The short name in the address has small letters, digits and hyphens, at most 40.")
    field = "code"


class NoTitle(Refused):
    sentence = _("Give it a title.")
    field = "title"


class TooSlow(Refused):
    sentence = _("The law gives 20 working days at most; a column may ask for fewer, from 1 on.")
    field = "days"


class NotYetMade(Refused):
    sentence = _("What is made later cannot be shown now: the day lies in the future.")
    field = "made_on"


class NothingToShow(Refused):
    sentence = _("Give its text, an address or a file.")
    field = "text"


class PublishedAlready(Refused):
    sentence = _("It is published already. What changed is an entry of its own.")


@operation
def define_column(
    *, by: Actor, at: datetime, code: str, title: str, organ_id: int, basis: str, days: int = 20, every: int = 0, place: int = 0, elsewhere: str = ""
) -> Column:
    """Set a column of the statutory list, or change it. Raises BadCode, NoTitle, TooSlow."""
    ensure(rules.may_define_column)
    code, title = code.strip(), title.strip()
    if not (0 < len(code) <= 40 and code.isascii() and code == code.lower() and code.replace("-", "").isalnum()):
        raise BadCode
    if not title:
        raise NoTitle
    if not 1 <= days <= 20:
        raise TooSlow
    column, _made = Column.objects.update_or_create(
        town_id=current_town(), code=code,
        defaults={"title": title[:120], "organ_id": organ_id, "basis": basis.strip()[:200], "days": days,
                  "every": every if every in Column.Every.values else 0, "place": place, "elsewhere": elsewhere[:200], "set_at": at},
    )  # fmt: skip
    record(ColumnDefined(subject=ref(column), code=code, organ_id=organ_id, days=days, every=column.every))
    return column


@operation
def tell_entry(*, by: Actor, at: datetime, column_id: int, title: str, made_on: date) -> Entry:
    """Say that something was made or changed that must be shown; everybody sees by when. Raises NoTitle, NotYetMade."""
    column = Column.objects.get(pk=column_id)
    ensure(rules.may_publish, column)
    if not title.strip():
        raise NoTitle
    if made_on > territory.day_of(seen_by=by, at=at):
        raise NotYetMade
    entry = Entry.objects.create(
        town_id=current_town(), column=column, title=title.strip()[:160], made_on=made_on, told_at=at,
        due_on=queries.due_on(seen_by=by, made_on=made_on, days=column.days),
    )  # fmt: skip
    record(EntryTold(subject=ref(entry), code=column.code, due_on=entry.due_on))
    return entry


@operation
def publish_entry(*, by: Actor, at: datetime, entry_id: int, text: str = "", url: str = "", attachment_id: int | None = None) -> Entry:
    """Show what was made; how many working days it is late stays with it. Raises NothingToShow, PublishedAlready."""
    entry = Entry.objects.select_for_update(of=("self",)).select_related("column").get(pk=entry_id)
    ensure(rules.may_publish, entry.column)
    if entry.is_published:
        raise PublishedAlready
    if not (text.strip() or url.strip() or attachment_id):
        raise NothingToShow
    entry.text, entry.url, entry.attachment_id, entry.published_at = text.strip(), url.strip()[:300], attachment_id, at
    entry.late_days = working_days_between(seen_by=by, first=entry.due_on, last=territory.day_of(seen_by=by, at=at))
    entry.save()
    record(EntryPublished(subject=ref(entry), code=entry.column.code, late_days=entry.late_days))
    return entry
