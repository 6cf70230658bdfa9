"""The town's own synonyms for administrators."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongzhi.foundation.search import forms, operations, queries, rules, synonyms
from gongzhi.kernel.web import actor_of, admit, attempt, page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Show and set the town's own synonyms."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_set_synonyms, actor)
    written = "\n".join(f"{'、'.join(one.say)} = {'、'.join(one.means)}" for one in queries.own_synonyms(seen_by=actor))
    form = forms.SynonymsForm(request.POST if request.method == "POST" else None, initial={"synonyms": written})
    if form.is_valid() and attempt(form, lambda: operations.set_synonyms(by=actor, at=at, entries=form.cleaned_data["synonyms"])) is not None:
        messages.success(request, _("Saved. Search follows at once."))
        return HttpResponseRedirect("/administration/search/")
    lead = _("These stand beside %(count)s entries that every town begins with.") % {"count": len(synonyms.shipped())}
    return page(
        request, "portal/form.html",
        {"form": form, "title": _("Words of search"), "lead": lead, "button": _("Save the words"), "back": "/administration/",
         "back_words": _("Administration")},
        status=422 if form.errors else 200,
    )  # fmt: skip
