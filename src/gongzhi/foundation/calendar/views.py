"""The town's calendar for its administrators."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongzhi.foundation.calendar import forms, operations, queries, rules
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers
from gongzhi.kernel.web import actor_of, admit, attempt, page


@never_cache
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Show office hours, own days and the next holidays; set hours from a day on, set a day, take a day back."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_set_calendar, actor)
    today = territory.day_of(seen_by=actor, at=at)
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    if asked == "clear" and request.POST.get("day"):
        operations.clear_day(by=actor, at=at, exception_id=numbers.whole(request.POST["day"], field="day"))
        messages.success(request, _("The day is as in the nation again."))
        return HttpResponseRedirect("/administration/calendar/")
    working = queries.working_time(seen_by=actor)
    hours = forms.HoursForm(
        request.POST if asked == "hours" else None, initial={"valid_from": today, "shifts": working.hours_words().replace("–", "-")}, prefix=None
    )
    day = forms.DayForm(request.POST if asked == "day" else None, initial={"day": today})
    if asked == "hours" and hours.is_valid():
        given = hours.cleaned_data
        kept = attempt(
            hours, lambda: operations.set_office_hours(by=actor, at=at, pairs=given["shifts"], valid_from=given["valid_from"], reason=given["reason"])
        )
        if kept is not None:
            messages.success(request, _("The office hours hold from that day."))
            return HttpResponseRedirect("/administration/calendar/")
    if asked == "day" and day.is_valid() and attempt(day, lambda: operations.set_day(by=actor, at=at, **day.cleaned_data)) is not None:
        messages.success(request, _("The day is set."))
        return HttpResponseRedirect("/administration/calendar/")
    ahead = [today + timedelta(days=number) for number in range(120)]
    special = [
        (one, working.is_working(one), working.day_words(one)) for one in ahead if working.day_words(one) and working.day_words(one) not in ("周末", "weekend")
    ]
    return page(
        request, "calendar/calendar.html",
        {"hours": hours, "day": day, "kept_hours": list(queries.office_hours(seen_by=actor)),
         "own": list(queries.exceptions(seen_by=actor, since=today - timedelta(days=60))), "special": special,
         "provisional": working.is_provisional(ahead[-1]), "present": working.hours_words()},
        status=422 if hours.errors or day.errors else 200,
    )  # fmt: skip
