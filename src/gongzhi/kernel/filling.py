"""Forms as pages: shown, filled in, and where an act is refused, shown again with the reason and everything that was typed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import page


def refuse(form: Form, refused: Refused) -> None:
    """Put a refusal where its field is, above the form where it names none of them."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


def answer_form(
    request: HttpRequest, form: Form, act: Callable[[dict[str, Any]], str], *, done: Any, template: str = "portal/form.html", **shown: Any
) -> HttpResponse:
    """Show a form, or do what it asks: `act` takes the parsed words, does one operation and returns where to go on."""
    if form.is_valid():
        try:
            target = act(dict(form.cleaned_data))
        except NotAllowed:
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, str(done))
            return HttpResponseRedirect(target)
    return page(request, template, {"form": form, **shown}, status=422 if form.errors else 200)
