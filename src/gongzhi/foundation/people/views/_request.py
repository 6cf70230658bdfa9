"""What the faces of people read from a request."""

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from gongzhi.kernel.operation import Refused


def next_of(request: HttpRequest, otherwise: str = "") -> str:
    """Return where to go afterwards: an address of this site that was asked for, else the reader's own place."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe and wanted.startswith("/") else otherwise or settings.LOGIN_REDIRECT_URL


def refuse(form: Form, refused: Refused) -> None:
    """Put a refusal beside the field it is about, or above the form."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))
