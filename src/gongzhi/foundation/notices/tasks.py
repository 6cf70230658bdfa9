"""Deliveries by mail and webhook, tried again while the outside is down."""

import json
import logging
import time
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext

from gongzhi.foundation.notices import operations, push, queries, signature
from gongzhi.foundation.people import operations as people_operations
from gongzhi.foundation.people import queries as people
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import outbound
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import towns_having

log = logging.getLogger(__name__)
MOST_TRIES = 8
CODE_TRIES = 4
PUSH_TTL = 24 * 3600  # seconds that a push service keeps what a sleeping device has not fetched


class NotDelivered(Exception):
    """The outside did not take it; the queue tries again."""


@app.task(
    name="notices.deliver", queue="notices", pass_context=True,
    retry=RetryStrategy(max_attempts=MOST_TRIES, exponential_wait=4, retry_exceptions={NotDelivered}),
)  # fmt: skip
def deliver(context: JobContext, town_id: int, delivery_id: int) -> None:
    """Deliver one notice by its channel; a failure is written down and raised, so that the queue tries again."""
    import httpx  # not before it is needed: every process would keep it in memory

    with in_town(town_id):
        delivery = queries.delivery_for(seen_by=CLOCK, delivery_id=delivery_id)
        if delivery.sent_at is not None:
            return
        try:
            WAYS[delivery.channel](delivery)
        except (OSError, httpx.HTTPError) as error:
            is_last = (context.job.attempts or 0) + 1 >= MOST_TRIES
            operations.note_delivery(by=CLOCK, at=timezone.now(), delivery_id=delivery_id, error=f"{type(error).__name__}: {error}", is_last=is_last)
            raise NotDelivered from error
        operations.note_delivery(by=CLOCK, at=timezone.now(), delivery_id=delivery_id)


def _mail(delivery) -> None:  # type: ignore[no-untyped-def]
    notice = delivery.notice
    address = queries.address_of(seen_by=CLOCK, person_id=notice.person_id)
    if not parseaddr(address)[1]:
        return
    with translation.override(notice.person.language or "zh-hans"):
        body = f"{notice.text}\n\n{settings.PUBLIC_URL}{notice.url}\n"
        EmailMessage(subject=notice.words, body=body, to=[address]).send()


def _push(delivery) -> None:  # type: ignore[no-untyped-def]
    """Push to each of the person's devices; one whose service says that it is gone is forgotten."""
    import requests
    from pywebpush import WebPushException, webpush

    notice = delivery.notice
    if not settings.PUSH_KEY:
        return
    with translation.override(notice.person.language or "zh-hans"):
        body = json.dumps(push.told(notice), ensure_ascii=False)
    failed: Exception | None = None
    for device in queries.devices(seen_by=CLOCK, person_id=notice.person_id):
        if not push.may_go_to(device.endpoint, settings.PUSH_HOSTS):
            continue  # the settings have changed since
        with requests.Session() as session:
            session.max_redirects = 0  # a push service answers itself; where it sends us to is not ours to follow
            try:
                webpush(
                    {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}, data=body, vapid_private_key=settings.PUSH_KEY,
                    vapid_claims={"sub": settings.PUSH_CONTACT}, ttl=PUSH_TTL, timeout=10, requests_session=session,
                )  # fmt: skip
            except WebPushException as error:
                if error.response is not None and error.response.status_code in (404, 410):
                    operations.remove_devices(by=CLOCK, at=timezone.now(), person_id=notice.person_id, device_id=device.pk)
                else:
                    failed = error
            except requests.RequestException as error:
                failed = error
    if failed is not None:
        raise OSError(str(failed)) from failed


def _webhook(delivery) -> None:  # type: ignore[no-untyped-def]
    """Send to the town's gateway: {"town", "person", "title", "text", "url", "kind", "at"} (docs/running/webhook.md)."""
    town = territory.town(seen_by=CLOCK)
    named = town.settings.get("webhook") or {}
    if not named.get("url"):
        return
    notice = delivery.notice
    with translation.override(notice.person.language or "zh-hans"):
        told = {
            "id": delivery.pk, "town": town.code, "person": notice.person_id, "kind": notice.kind, "title": notice.words, "text": notice.text,
            "url": f"{settings.PUBLIC_URL}{notice.url}", "at": notice.made_at.isoformat(),
        }  # fmt: skip
    _post(town, told)


WAYS = {"mail": _mail, "webhook": _webhook, "push": _push}


def _post(town, told) -> None:  # type: ignore[no-untyped-def]
    """Send a signed body to the town's gateway; raises what httpx raises."""
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-Gongzhi-Signature": signature.sign(body, settings.WEBHOOK_SECRET, int(time.time()))}
    outbound.post(town.settings["webhook"]["url"], content=body, headers=headers, timeout=10).raise_for_status()


@app.task(
    name="notices.send_phone_code", queue="notices", pass_context=True, retry=RetryStrategy(max_attempts=CODE_TRIES, wait=20, retry_exceptions={NotDelivered}),
)  # fmt: skip
def send_phone_code(context: JobContext, town_id: int, code_id: int) -> None:
    """Send a code to the telephone number it is to prove, through the town's gateway: {"kind": "people.PhoneCode", "to", "code", "text", …}.

    Tried for about a minute: a code that comes later than that is no use. Without a gateway it fails at once; in the demo it stays to be shown on the page.
    """
    import httpx

    with in_town(town_id):
        now = timezone.now()
        found = people.code_to_send(seen_by=CLOCK, code_id=code_id, at=now)
        if found is None:
            return
        number, code, language = found
        town = territory.town(seen_by=CLOCK)
        if not (town.settings.get("webhook") or {}).get("url"):
            if not settings.DEMO:
                people_operations.note_code_sent(by=CLOCK, at=now, code_id=code_id, failed=True)
            return
        with translation.override(language or "zh-hans"):
            text = translation.gettext("%(code)s is your code for %(town)s. It is good for ten minutes; give it to nobody.") % {"code": code, "town": town.name}
        told = {"id": f"phone-code-{code_id}", "town": town.code, "kind": "people.PhoneCode", "to": number, "code": code, "text": text, "at": now.isoformat()}
        try:
            _post(town, told)
        except (OSError, httpx.HTTPError) as error:
            if (context.job.attempts or 0) + 1 >= CODE_TRIES:
                people_operations.note_code_sent(by=CLOCK, at=timezone.now(), code_id=code_id, failed=True)
            raise NotDelivered from error
        people_operations.note_code_sent(by=CLOCK, at=timezone.now(), code_id=code_id)


@app.periodic(cron="0,20,50 0 * * *")
@app.task(name="notices.digest", queue="notices", queueing_lock="notices.digest")
def digest(timestamp: int) -> int:
    """Send each person who wants one mail a day what they have not read; 08:00 in Shanghai is midnight UTC.

    A mail that fails keeps no other from being sent; it is tried again twice within the hour.
    """
    sent = 0
    now = timezone.now()
    for town_id in towns_having("daily_mails", now):
        with in_town(town_id):
            for wish, notices in queries.due_digests(seen_by=CLOCK):
                if wish.last_digest_at is not None and now - wish.last_digest_at < timedelta(hours=12):
                    continue
                with translation.override(wish.person.language or "zh-hans"):
                    lines = [f"· {notice.words}\n  {settings.PUBLIC_URL}{notice.url}" for notice in notices]
                    subject = translation.ngettext("%(n)d notice today", "%(n)d notices today", len(notices)) % {"n": len(notices)}
                    try:
                        EmailMessage(subject=subject, body="\n\n".join(lines), to=[wish.address]).send()
                    except (OSError, ValueError):  # the server's refusal; an address that no mail can carry
                        log.exception("the digest of choice %d was not sent", wish.pk)
                        continue
                operations.note_digest(by=CLOCK, at=timezone.now(), choice_id=wish.pk)
                sent += 1
    return sent
