"""Views of the desk that a person keeps: added from the desk, named anew and taken away on a page of their own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.cases import forms, operations, queries, rules
from gongzhi.cases.views._reader import reader
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import admit, page


@require_http_methods(["GET", "POST"])
@never_cache
def saved_views(request: HttpRequest) -> HttpResponse:
    """List the views that one keeps; a POST keeps the filters of the desk as one more."""
    actor, at = reader(request)
    admit(rules.may_save_view, actor)
    if request.method == "POST":
        form = forms.SaveViewForm(request.POST)
        if form.is_valid():
            kept = operations.save_view(by=actor, at=at, title=form.cleaned_data["title"], query=form.cleaned_data["query"])
            messages.success(request, _("Kept as “%(title)s”.") % {"title": kept.title})
            return HttpResponseRedirect(f"/desk/?{kept.query}")
        messages.error(request, _("Give the view a name of at most 30 characters."))
        return HttpResponseRedirect("/desk/")
    return page(request, "cases/saved_views.html", {"views": list(queries.saved_views(seen_by=actor))})


@require_POST
@never_cache
def saved_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Name a view anew, or take it away."""
    actor, at = reader(request)
    admit(rules.may_save_view, actor)
    if request.POST.get("act") == "drop":
        operations.drop_view(by=actor, at=at, view_id=view_id)
        messages.success(request, _("The view is gone; the cases in it are where they were."))
        return HttpResponseRedirect("/desk/views/")
    form = forms.SaveViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 30 characters."))
        return HttpResponseRedirect("/desk/views/")
    try:
        operations.change_view(by=actor, at=at, view_id=view_id, title=form.cleaned_data["title"])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The view has its new name."))
    return HttpResponseRedirect("/desk/views/")
