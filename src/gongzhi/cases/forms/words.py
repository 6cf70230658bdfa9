"""The words for what forms and pages of cases offer to choose."""

from django.utils.translation import gettext_lazy as _

UNIT_WORDS = {
    "working_days": _("working days"), "working_hours": _("working hours"), "hours": _("hours, round the clock"), "calendar_days": _("calendar days"),
}  # fmt: skip
GROUND_WORDS = {
    "correction": _("Waiting for the applicant's correction"), "public_notice": _("Public notice"), "expert_review": _("Expert review"),
    "inspection": _("inspection or test"), "hearing": _("Hearing"), "third_party": _("Asking a third party"), "force_majeure": _("Force majeure"),
}  # fmt: skip
ORGAN_KIND_WORDS = {
    "committee": _("Management committee"), "department": _("Departments"), "subdistrict": _("Subdistrict office"), "station": _("Community stations"),
    "stewards": _("Stewards"), "operator": _("Operators"), "council": _("Residents' council"), "enterprise": _("Firms"),
    "social": _("Social organisations"), "superior": _("Superior government"),
}  # fmt: skip
SEVERITY_WORDS = {1: _("Ordinary"), 2: _("Raised"), 3: _("Grave"), 4: _("Emergency")}
LIFE_WORDS = {"work": _("Production"), "home": _("Living"), "eco": _("Ecology")}
SORT_WORDS = {"occurrence": _("Occurrence"), "component": _("Component")}
TAG_WORDS = {
    "slow": _("Too slow"), "not_solved": _("Not solved"), "rude": _("Unfriendly"), "not_told": _("I was not told"),
    "solved_well": _("Well solved"), "quick": _("Quick"), "friendly": _("Friendly"), "explained": _("Well explained"),
}  # fmt: skip

RATING_WORDS = {1: _("Very dissatisfied"), 2: _("Dissatisfied"), 3: _("Basically satisfied"), 4: _("Satisfied"), 5: _("Very satisfied")}
