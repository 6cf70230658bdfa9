"""The catalogue by which the town works: categories, who is responsible for what, procedures, and who stands behind them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.cases import kind as kinds
from gongzhi.cases import procedure as procedures
from gongzhi.cases.models import AmendmentProposal, Case, Category, Procedure, Responsibility
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.operation import Refused

_PARENT: Any = Category._meta.get_field("parent")


def town(*, seen_by: Actor) -> Any:
    """Return the present town."""
    return territory.town(seen_by=seen_by)


def category(*, seen_by: Actor, category_id: int, on: date) -> Category | None:
    """Return a category that is valid on the day, or None."""
    found = remembered_categories(seen_by=seen_by).get(category_id)
    return found if found is not None and found.is_valid_on(on) else None


def remembered_categories(*, seen_by: Actor) -> dict[int, Category]:
    """Return every category that there ever was, in order of their codes, as they are remembered."""

    def find() -> dict[int, Category]:
        known = {found.pk: found for found in Category.objects.visible_to(seen_by).order_by("code", "pk")}
        for found in known.values():
            if found.parent_id in known:
                _PARENT.set_cached_value(found, known[found.parent_id])
        return known

    return remember("cases.categories", find)


def category_ids_within(*, seen_by: Actor, category_id: int) -> list[int]:
    """Return the id of a category with those of all that lie below it, as they are remembered; an unknown one stands for itself."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for known in remembered_categories(seen_by=seen_by).values():
        below[known.parent_id].append(known.pk)
    found = [category_id]
    for each in found:  # grows while it is gone through
        found += [pk for pk in below[each] if pk not in found]
    return sorted(found)


def category_by_code(*, seen_by: Actor, code: str) -> Category | None:
    """Return the category with this code, or None."""
    return Category.objects.visible_to(seen_by).filter(code=code).first()


def categories(*, seen_by: Actor, on: date, for_public: bool | None = None) -> QuerySet[Category]:
    """Return the valid categories in order of their codes; leaves and branches."""
    found = Category.objects.visible_to(seen_by).valid_on(on).select_related("parent")
    if for_public is not None:
        found = found.filter(for_public=for_public)
    return found.order_by("code", "pk")


def categories_in_force(*, seen_by: Actor, on: date, for_public: bool | None = None) -> list[Category]:
    """Return the same as `categories` for lists to choose from, as it is remembered: at most some seconds old, not to be changed."""
    known = remembered_categories(seen_by=seen_by).values()
    return [found for found in known if found.is_valid_on(on) and (for_public is None or found.for_public == for_public)]


def responsible(*, seen_by: Actor, category_id: int, area_path: str, on: date) -> Responsibility | None:
    """Return the line of the responsibility list for a category at a place: the one with the nearest area wins.

    A line for a community holds for its grids; a line without area holds for the whole town.
    """
    lines = remember("cases.responsibilities", lambda: _lines_by_category(seen_by)).get(category_id, ())
    rank = {int(part): depth for depth, part in enumerate(area_path.split("."), start=1) if part}
    holding = [line for line in lines if line.is_valid_on(on) and (line.area_id is None or line.area_id in rank)]
    return max(holding, key=lambda line: rank.get(line.area_id or 0, 0), default=None)


def _lines_by_category(seen_by: Actor) -> dict[int, list[Responsibility]]:
    found: dict[int, list[Responsibility]] = defaultdict(list)
    for line in Responsibility.objects.visible_to(seen_by).select_related("lead").order_by("pk"):
        found[line.category_id].append(line)
    return dict(found)


def responsibilities(*, seen_by: Actor, on: date) -> QuerySet[Responsibility]:
    """Return the responsibility list as of a day."""
    found = Responsibility.objects.visible_to(seen_by).valid_on(on).select_related("category", "category__parent", "lead", "area")
    return found.order_by("category__code", "clause", "pk")


def responsibility_gaps(*, seen_by: Actor, on: date) -> list[Category]:
    """Return the leaf categories for which nobody is responsible in the whole town on that day."""
    led = Responsibility.objects.valid_on(on).values("category_id")
    parents = Category.objects.filter(parent__isnull=False).values("parent_id")
    return list(categories(seen_by=seen_by, on=on).exclude(pk__in=led).exclude(pk__in=parents))


def amendments(*, seen_by: Actor, open_only: bool = True) -> QuerySet[AmendmentProposal]:
    """Return the proposals to amend the responsibility list, newest first; not those that tell of a case that this actor may not see."""
    seen = Q(case__isnull=True) | Q(case__in=Case.objects.visible_to(seen_by).order_by().values("pk"))
    found = AmendmentProposal.objects.filter(seen).select_related("category", "present", "present__lead", "proposed_lead", "case")
    if open_only:
        found = found.filter(state=AmendmentProposal.State.OPEN)
    return found.order_by("-made_at", "-pk")


class NoProcedure(Refused):
    """A kind is known to the product, and the town has adopted no procedure for it yet."""

    sentence = gettext_lazy("This town has not adopted a procedure for “%(kind)s” yet. An administrator can do so under Procedures.")
    field = "kind"


def kinds_without_procedure(*, seen_by: Actor) -> list[kinds.CaseKind]:
    """Return the kinds for which this town has adopted no procedure, in order of their codes: nothing of them can be opened."""
    adopted = set(Procedure.objects.visible_to(seen_by).filter(variant="").order_by().values_list("kind", flat=True).distinct())
    return [kind for kind in kinds.kinds() if kind.code not in adopted]


def unknown_in_procedure(*, seen_by: Actor, definition: procedures.ProcedureDefinition) -> list[str]:
    """Return the places of a procedure that name a unit or a category that this town does not have."""
    found = []
    codes = set(organs.organs(seen_by=seen_by).filter(closed_on__isnull=True).values_list("code", flat=True))
    for stage in definition.stages.values():
        named = [(f"stages.{stage.code}.owner", stage.owner), *((f"stages.{stage.code}.tasks.{task.code}.unit", task.unit) for task in stage.tasks)]
        for where, word in named:
            if word.startswith("organ:") and word.removeprefix("organ:") not in codes:
                found.append(f"{where}: this town has no unit with the code {word.removeprefix('organ:')}")
            if word.startswith("list:") and category_by_code(seen_by=seen_by, code=word.removeprefix("list:")) is None:
                found.append(f"{where}: this town has no category {word.removeprefix('list:')}")
    return found


def lead_for_category(*, seen_by: Actor, code: str, area_path: str, on: date) -> int | None:
    """Return the unit that the responsibility list names for a category's code at a place, or None."""
    category = category_by_code(seen_by=seen_by, code=code)
    line = responsible(seen_by=seen_by, category_id=category.pk, area_path=area_path, on=on) if category is not None else None
    return line.lead_id if line is not None else None


def procedure_in_force(*, seen_by: Actor, kind: str, at: datetime) -> Procedure:
    """Return the version of a kind's procedure in force; the one shipped with the kind where the town has none yet."""
    versions = [version for version in remembered_procedures(seen_by=seen_by, kind=kind) if not version.variant]
    if not versions:
        raise NoProcedure(kind=kinds.kind_of(kind).title)
    return next((version for version in versions if version.effective_from <= at), versions[-1])


def remembered_procedures(*, seen_by: Actor, kind: str) -> list[Procedure]:
    """Return all versions of a kind's procedure, those of its variants too, newest first, as they are remembered."""
    return remember(f"cases.procedure:{kind}", lambda: list(Procedure.objects.visible_to(seen_by).filter(kind=kind).order_by("-version")))


def procedure_versions(*, seen_by: Actor, kind: str, variant: str = "") -> QuerySet[Procedure]:
    """Return all versions of a kind's procedure, or of one of its variants, newest first."""
    return Procedure.objects.visible_to(seen_by).filter(kind=kind, variant=variant).order_by("-version")


def dispatch_organ_id(*, seen_by: Actor) -> int | None:
    """Return the organ whose post is to dispatch: named by the town, else where a dispatcher serves, else the committee."""
    named = town(seen_by=seen_by).settings.get("dispatch_organ")
    return organs.dispatch_organ_id(seen_by=seen_by, code=named)


def committee_id(*, seen_by: Actor) -> int | None:
    """Return the management committee."""
    return organs.organs(seen_by=seen_by, kind="committee").order_by("pk").values_list("pk", flat=True).first()


def station_id(*, seen_by: Actor, area_path: str) -> int | None:
    """Return the community station whose area holds this path, the nearest one."""
    above = [int(part) for part in area_path.split(".") if part]
    if not above:
        return None
    stations = organs.organs(seen_by=seen_by, kind="station").filter(area_id__in=above).values_list("area_id", "pk")
    rank = {area_id: depth for depth, area_id in enumerate(above)}
    return max(stations, key=lambda pair: rank[pair[0]], default=(0, None))[1]


def count_attachments(*, seen_by: Actor, attachment_ids: Iterable[int]) -> int:
    """Return how many of these attachments there are in this town."""
    return attachments.attachments(seen_by=seen_by, attachment_ids=list(attachment_ids)).count()


def owner_words(*, seen_by: Actor) -> dict[str, str]:
    """Return the words for stage owners and acts in the reader's language, for drawings of procedures. Whoever asks: words of the product."""
    from gongzhi.cases.models import ACT_WORDS, ROLE_WORDS
    from gongzhi.cases.models.case import KIND_ACT_WORDS

    owners = {
        "lead": _("the responsible unit"), "dispatcher": _("dispatcher"), "committee": _("committee"), "station": _("grid worker on site"),
        "raiser": _("whoever raised it"), "clock": _("at once"), "nobody": "",
    }  # fmt: skip
    parties = {f"party:{role}": str(word) for role, word in ROLE_WORDS.items()}
    return owners | parties | {str(act): str(entry[0]) for act, entry in (KIND_ACT_WORDS | ACT_WORDS).items()}


def ways_of(*, seen_by: Actor, definition: procedures.ProcedureDefinition, language: str) -> dict[str, str]:
    """Return the words for the owners and the ways on of one procedure, with the results that it names itself."""
    return owner_words(seen_by=seen_by) | {result.code: result.words(language) for result in definition.results.values()}


def procedure_of(*, seen_by: Actor, case: Case) -> procedures.ProcedureDefinition:
    """Return the definition that a case runs on. Whoever asks: how the town works is public."""
    return procedures.of(case.procedure)


def suggestions(*, seen_by: Actor, cases: Sequence[Case], on: date) -> dict[int, Responsibility]:
    """Return, by case, the line of the responsibility list that fits its category and place today (one query)."""
    lines: dict[int, list[Responsibility]] = defaultdict(list)
    found = Responsibility.objects.visible_to(seen_by).valid_on(on).select_related("lead")
    for line in found.filter(category_id__in={case.category_id for case in cases if case.category_id}):
        lines[line.category_id].append(line)
    best = {}
    for case in cases:
        rank = {int(part): depth for depth, part in enumerate(case.area_path.split("."), start=1) if part}
        fitting = [line for line in lines.get(case.category_id or 0, ()) if line.area_id is None or line.area_id in rank]
        if fitting:
            best[case.pk] = max(fitting, key=lambda line: rank.get(line.area_id or 0, 0))
    return best


def clause_is_listed(*, seen_by: Actor, clause: str, on: date) -> bool:
    """Return whether the responsibility list of the day has a line with this clause."""
    return Responsibility.objects.visible_to(seen_by).valid_on(on).filter(clause=clause).exists()


def responsibility_for(*, seen_by: Actor, responsibility_id: int) -> Responsibility:
    """Return a line of the list, present or past; raise DoesNotExist."""
    return Responsibility.objects.visible_to(seen_by).select_related("category", "category__parent", "lead", "area").get(pk=responsibility_id)


def responsibility_history(*, seen_by: Actor, line: Responsibility) -> QuerySet[Responsibility]:
    """Return every line there was for the same matter and area, newest first."""
    where = Q(area__isnull=True) if line.area_id is None else Q(area_id=line.area_id)
    found = Responsibility.objects.visible_to(seen_by).filter(where, category_id=line.category_id).select_related("lead", "category", "area")
    return found.order_by("-validity", "-pk")


def state_words(*, seen_by: Actor) -> dict[str, tuple[Any, str, str]]:
    """Return, by state, its word, its chip and its icon. Whoever asks: words of the product."""
    from gongzhi.cases.models import STATE_WORDS

    return {str(getattr(state, "value", state)): words for state, words in STATE_WORDS.items()}
