"""Acts on notices."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.notices import push, rules
from gongzhi.foundation.notices.facts import ChoiceMade, DeviceChanged, NoticeDelivered, NoticeGiven, NoticesForgotten, NoticesRead
from gongzhi.foundation.notices.models import Choice, Delivery, Device, Notice
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Refused, ensure, let_subscribers_know, operation, record
from gongzhi.kernel.towns import current_town

MOST_DEVICES = 10
WAITING = "notices.waiting"  # with the ids of notices: the name by which subscribers know the deliveries that wait for them


@operation
def give_notice(*, by: Actor, at: datetime, person_ids: Iterable[int], kind: str, title: str, text: str = "", url: str = "", case_id: int | None = None,
                params: dict[str, Any] | None = None, dedupe: str = "") -> list[Notice]:  # fmt: skip
    """Give each of these people a notice. `title` is a msgid, `params` its parameters; the same `dedupe` key is given once."""
    ensure(rules.may_give)
    made = [
        Notice(town_id=current_town(), person_id=person_id, kind=kind, title=title, params=params or {}, text=text, url=url, case_id=case_id,
               dedupe=dedupe, made_at=at)
        for person_id in dict.fromkeys(person_ids)
    ]  # fmt: skip
    if dedupe:
        known = set(Notice.objects.filter(dedupe=dedupe, person_id__in=[notice.person_id for notice in made]).values_list("person_id", flat=True))
        made = [notice for notice in made if notice.person_id not in known]
    Notice.objects.bulk_create(made)
    ids = tuple(notice.pk for notice in made)
    if made:
        let_subscribers_know((WAITING, ids), _make_deliveries(made, at))
        announce([f"person:{notice.person_id}" for notice in made], "notice")
    record(NoticeGiven(subject=f"notices.notice:{ids[0] if ids else 0}", kind_of_notice=kind, notice_ids=ids))
    return made


def _make_deliveries(made: list[Notice], at: datetime) -> list[int]:
    """Put notices on their way out for those who asked for it; return the deliveries. One statement says that nobody did: each dispatch gives notices."""
    people = [notice.person_id for notice in made]
    devices = Device.objects.filter(person_id__in=people).values_list("person_id", Value("push"), Value(""), Value(False))
    wishes = Choice.objects.filter(person_id__in=people).values_list("person_id", "mail", "address", "webhook").union(devices, all=True)
    channels: dict[int, set[str]] = defaultdict(set)
    for person_id, mail, address, webhook in wishes:
        if mail == "push":
            channels[person_id].add(Delivery.Channel.PUSH.value)
        if mail == Choice.Mail.AT_ONCE and address:
            channels[person_id].add(Delivery.Channel.MAIL.value)
        if webhook:
            channels[person_id].add(Delivery.Channel.WEBHOOK.value)
    out = [
        Delivery(town_id=notice.town_id, notice=notice, channel=channel, made_at=at)
        for notice in made for channel in Delivery.Channel.values if channel in channels[notice.person_id]
    ]  # fmt: skip
    return [delivery.pk for delivery in Delivery.objects.bulk_create(out)]


class NoAddress(Refused):
    sentence = _("Give a mail address that can be written to.")
    field = "address"


@operation
def read_notices(*, by: Actor, at: datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark the reader's own notices as read, some or all; return how many."""
    ensure(rules.may_read)
    found = Notice.objects.visible_to(by).unread()
    if notice_ids is not None:
        found = found.filter(pk__in=list(notice_ids))
    count = found.update(read_at=at)
    record(NoticesRead(subject=f"people.person:{by.person_id}", count=count))
    return count


@operation
def choose(*, by: Actor, at: datetime, mail: str, address: str = "", webhook: bool = False) -> Choice:
    """Say how one wants to hear of things."""
    ensure(rules.may_read)
    assert by.person_id is not None  # the rule asked
    if mail not in Choice.Mail.values:
        mail = Choice.Mail.NONE
    address = address.strip()
    if mail != Choice.Mail.NONE:
        try:
            validate_email(address)
        except ValidationError as error:
            raise NoAddress from error
    wish, _made = Choice.objects.update_or_create(
        town_id=current_town(), person_id=by.person_id, defaults={"mail": mail, "address": address, "webhook": webhook}
    )
    record(ChoiceMade(subject=ref(wish), mail=mail, webhook=webhook))
    return wish


class BadDevice(Refused):
    sentence = _("This browser's push service is not one that the town sends to.")
    field = "endpoint"


class TooManyDevices(Refused):
    sentence = _("At most %(most)d devices are told. Turn one off first.")


@operation
def add_device(*, by: Actor, at: datetime, endpoint: str, p256dh: str, auth: str, title: str) -> Device:
    """Have a browser told of the reader's notices by Web Push; who has it last has it alone."""
    ensure(rules.may_read)
    assert by.person_id is not None  # the rule asked
    fits = len(endpoint) <= 600 and push.may_go_to(endpoint, settings.PUSH_HOSTS)
    if not fits or push.key_bytes(p256dh, 65) is None or push.key_bytes(auth, 16) is None:
        raise BadDevice
    others = Device.objects.filter(person_id=by.person_id).exclude(fingerprint=push.fingerprint(endpoint))
    if others.count() >= MOST_DEVICES:
        raise TooManyDevices(most=MOST_DEVICES)
    device, _made = Device.objects.update_or_create(
        town_id=current_town(), fingerprint=push.fingerprint(endpoint),
        defaults={"person_id": by.person_id, "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "title": title[:80], "made_at": at},
    )  # fmt: skip
    record(DeviceChanged(subject=ref(device), told=True))
    return device


@operation
def remove_devices(*, by: Actor, at: datetime, person_id: int, device_id: int | None = None) -> int:
    """Have one device of a person told no longer, or all of them; return how many."""
    ensure(rules.may_remove_devices, person_id)
    found = Device.objects.filter(person_id=person_id)
    count, _tables = (found if device_id is None else found.filter(pk=device_id)).delete()
    record(DeviceChanged(subject=f"people.person:{person_id}", told=False))
    return count


@operation
def note_delivery(*, by: Actor, at: datetime, delivery_id: int, error: str = "", is_last: bool = False) -> Delivery:
    """Write down what came of a try to deliver: sent, or an error after which it waits or, after the last try, has failed."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    ensure(rules.may_deliver)
    delivery.tries += 1
    delivery.last_error = error[:300]
    if not error:
        delivery.state, delivery.sent_at = Delivery.State.SENT, at
    elif is_last:
        delivery.state = Delivery.State.FAILED
    delivery.save()
    record(NoticeDelivered(subject=ref(delivery), channel=delivery.channel, outcome=delivery.state))
    return delivery


@operation
def deliver_again(*, by: Actor, at: datetime, delivery_id: int) -> Delivery:
    """Have a failed delivery tried again."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    ensure(rules.may_deliver)
    delivery.state = Delivery.State.WAITING
    delivery.save(update_fields=["state"])
    record(NoticeDelivered(subject=ref(delivery), channel=delivery.channel, outcome="again"))
    return delivery


@operation
def note_digest(*, by: Actor, at: datetime, choice_id: int) -> Choice:
    """Write down that a person's daily mail went out."""
    wish = Choice.objects.select_for_update().get(pk=choice_id)
    ensure(rules.may_deliver)
    wish.last_digest_at = at
    wish.save(update_fields=["last_digest_at"])
    record(NoticeDelivered(subject=ref(wish), channel="mail", outcome="digest"))
    return wish


@operation
def forget_person(*, by: Actor, at: datetime, person_id: int) -> int:
    """Take away what was given to a person whose details are erased: their notices and how they wanted to hear of things; return how many notices."""
    ensure(rules.may_forget)
    Delivery.objects.filter(notice__person_id=person_id).delete()
    count, _tables = Notice.objects.filter(person_id=person_id).delete()
    Choice.objects.filter(person_id=person_id).delete()
    Device.objects.filter(person_id=person_id).delete()
    record(NoticesForgotten(subject=f"people.person:{person_id}", count=count))
    return count
