"""Who wants to hear of new policies."""

from datetime import datetime

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.policies import rules
from gongzhi.service_line.policies.facts import SubscriptionChanged
from gongzhi.service_line.policies.models import Subscription, Topic


@operation
def subscribe(*, by: Actor, at: datetime, topic: str = "", area_id: int | None = None, policy_id: int | None = None) -> Subscription:
    """Have the reader told of what is new of a topic ("" for any), in an area, or of one policy; the same wish twice is one."""
    ensure(rules.may_subscribe)
    assert by.person_id is not None  # the rule asked
    topic = topic if topic in Topic.values else ""
    same = Subscription.objects.filter(person_id=by.person_id, topic=topic)
    same = same.filter(area__isnull=True) if area_id is None else same.filter(area_id=area_id)
    same = same.filter(policy__isnull=True) if policy_id is None else same.filter(policy_id=policy_id)
    wish = same.first()
    if wish is None:
        wish = Subscription.objects.create(town_id=current_town(), person_id=by.person_id, topic=topic, area_id=area_id, policy_id=policy_id, since=at)
    record(SubscriptionChanged(subject=ref(wish), topic=wish.topic, on=True, public=False))
    return wish


@operation
def unsubscribe(*, by: Actor, at: datetime, subscription_id: int) -> None:
    """Have the reader told no longer."""
    wish = Subscription.objects.visible_to(by).get(pk=subscription_id)
    ensure(rules.may_unsubscribe, wish)
    record(SubscriptionChanged(subject=ref(wish), topic=wish.topic, on=False, public=False))
    wish.delete()
