"""Administration 管理设置: its home, where every module hangs its way in, and the town's own name and rules."""

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import operations as territories
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors, standing
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.portal import forms, queries, rules


@require_safe
@never_cache
def administration(request: HttpRequest) -> HttpResponse:
    """Show what the reader may set, with what stands there now, and what a new town still lacks."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_administer, actor)
    lacks = queries.lacks(seen_by=actor, at=at)
    with connection.cursor() as cursor:
        still = standing.state(cursor).faults
    return page(request, "administration/home.html", {"doors": doors.shown("administration", actor=actor, at=at), "lacks": lacks, "still": still})


@never_cache
@require_http_methods(["GET", "POST"])
def town_rules(request: HttpRequest) -> HttpResponse:
    """Show and set the town's name, its hosts and its rules; each form is kept by itself."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_administer, actor)
    town = territory.town(seen_by=actor)
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    named = {name: getattr(town, name) for name in ("name", "name_en", "short_name", "division_code")} | {"hosts": "\n".join(town.hosts)}
    name_form = forms.TownForm(request.POST if asked == "name" else None, initial=named)
    open_organs = [(organ.code, organ.name) for organ in organs.open_organs(seen_by=actor, on=town.local(at).date())]
    rules_form = forms.RulesForm(open_organs, request.POST if asked == "rules" else None, initial=forms.initial_rules(town.settings))
    if asked == "name" and name_form.is_valid() and attempt(name_form, lambda: territories.name_town(by=actor, at=at, **name_form.cleaned_data)) is not None:
        messages.success(request, _("The town's name is kept."))
        return HttpResponseRedirect("/administration/town/")
    if asked == "rules" and rules_form.is_valid():
        try:
            territories.set_town_rules(by=actor, at=at, **rules_form.rules())
        except NotAllowed:
            raise
        except territories.BadTownRule as refused:
            name = refused.field or ""
            rules_form.add_error(forms.FIELD_OF_RULE.get(name, name if name in rules_form.fields else None), str(refused))
        else:
            messages.success(request, _("The rules are kept; they hold from now on."))
            return HttpResponseRedirect("/administration/town/")
    return page(
        request, "administration/town.html", {"name_form": name_form, "rules_form": rules_form, "code": town.code},
        status=422 if name_form.errors or rules_form.errors else 200,
    )  # fmt: skip
