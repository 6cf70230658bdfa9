"""The town's name and rules as an administrator writes them: parsed into the shape of `Town.settings`, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import terms
from gongzhi.kernel import fields as forms

MEGABYTE = 1_000_000


class TownForm(forms.Form):
    """What the town is called and which hosts lead to it."""

    name = forms.CharField(label=_("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    short_name = forms.CharField(
        label=_("Short name"), max_length=12, help_text=_("It stands in the numbers of cases, such as 云溪报〔2026〕00001; numbers that were given stay.")
    )
    division_code = forms.CharField(label=_("Statistical division code"), max_length=12, required=False)
    hosts = forms.CharField(
        label=_("Host names"),
        required=False,
        help_text=_("One a line, such as yunxi.example.cn."),
        widget=forms.Textarea(attrs={"rows": "3", "spellcheck": "false"}),
    )

    def clean_hosts(self) -> list[str]:
        """Return the host names as a list."""
        return self.cleaned_data["hosts"].split()


class RulesForm(forms.Form):
    """The town's rules, one field or a few for each; `rules()` puts them together. What is empty takes the rule away."""

    dispatch_organ = forms.ChoiceField(label=_("Organ that dispatches"), required=False)
    webhook_url = forms.URLField(
        label=_("Gateway for text messages"),
        required=False,
        assume_scheme="https",
        help_text=_("Address that takes signed notices and codes."),
    )
    organiser = forms.CharField(label=_("Organiser"), max_length=80, required=False)
    organiser_en = forms.CharField(label=_("Organiser in English"), max_length=120, required=False)
    imprint_phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    record = forms.CharField(label=_("ICP record number"), max_length=60, required=False)
    police_record = forms.CharField(label=_("Record number of public security"), max_length=60, required=False)
    openid_issuer = forms.URLField(label=_("Issuer"), required=False, assume_scheme="https")
    openid_client_id = forms.CharField(label=_("Client id"), max_length=200, required=False)
    openid_name = forms.CharField(label=_("What people read"), max_length=40, required=False)
    openid_secret = forms.CharField(
        label=_("Name of the secret"), max_length=40, required=False, help_text=_("The secret itself is set on the server under this name, never here.")
    )
    openid_registers = forms.BooleanField(label=_("Somebody unknown becomes a resident"), required=False)
    open311_keys = forms.CharField(
        label=_("Keys for Open311"),
        required=False,
        help_text=_("One a line: KEY or KEY = who has it."),
        widget=forms.Textarea(attrs={"rows": "3", "spellcheck": "false"}),
    )
    photo_megabytes = forms.IntegerField(label=_("Largest photo, MB"), min_value=1, max_value=30, required=False)
    paper_megabytes = forms.IntegerField(label=_("Largest PDF, MB"), min_value=1, max_value=30, required=False)
    raw_packet_days = forms.IntegerField(label=_("Bytes of device packets are kept, days"), min_value=1, max_value=3650, required=False)
    raw_reading_days = forms.IntegerField(label=_("Raw readings stay in the database, days"), min_value=31, max_value=36500, required=False)
    longest_maintenance_hours = forms.IntegerField(
        label=_("Work on a device lasts at most, hours"), min_value=1, max_value=2160, required=False,
        help_text=_("120 where nothing is said; what a device sends meanwhile is judged by nothing."),
    )  # fmt: skip
    erasure_days = forms.IntegerField(label=_("Cooling-off period before erasure, days"), min_value=0, max_value=30, required=False)
    erasure_by = forms.ChoiceField(
        label=_("Who decides on erasure"),
        required=False,
        choices=[("clock", _("nobody: it is carried out by itself")), ("administrator", _("the administrator"))],
    )

    def __init__(self, organs: list[tuple[str, str]], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["dispatch_organ"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Where a dispatcher serves, else the committee")), *organs]
        for kind, word in terms.KINDS.items():
            self.fields[f"retention_{kind}_days"] = forms.IntegerField(label=word, min_value=terms.SHORTEST, max_value=terms.LONGEST, required=False)
            self.fields[f"retention_{kind}_basis"] = forms.CharField(label=_("Legal basis"), max_length=200, required=False)

    @property
    def retention_rows(self) -> list[tuple[Any, Any]]:
        """Return the fields of each term, days and basis."""
        return [(self[f"retention_{kind}_days"], self[f"retention_{kind}_basis"]) for kind in terms.KINDS]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for kind in terms.KINDS:
            if given.get(f"retention_{kind}_days") and not (given.get(f"retention_{kind}_basis") or "").strip():
                self.add_error(f"retention_{kind}_basis", _("Each term needs its legal basis."))
        if given.get("openid_issuer") and not given.get("openid_client_id"):
            self.add_error("openid_client_id", _("Give the client id that the provider knows this site by."))
        return given

    def rules(self) -> dict[str, Any]:
        """Return the rules as `set_town_rules` takes them; None takes one away."""
        given = self.cleaned_data
        openid = {"issuer": given["openid_issuer"], "client_id": given["openid_client_id"].strip(), "name": given["openid_name"].strip(),
                  "secret": given["openid_secret"].strip(), "registers": given["openid_registers"]}  # fmt: skip
        limits = {name: given[f"{name}_megabytes"] * MEGABYTE for name in ("photo", "paper") if given[f"{name}_megabytes"]}
        retention = {
            kind: {"days": given[f"retention_{kind}_days"], "basis": given[f"retention_{kind}_basis"].strip()}
            for kind in terms.KINDS if given[f"retention_{kind}_days"]
        }  # fmt: skip
        keys = dict(_key(line) for line in given["open311_keys"].splitlines() if line.strip())
        named = {"organiser": given["organiser"], "organiser_en": given["organiser_en"], "phone": given["imprint_phone"], "record": given["record"],
                 "police_record": given["police_record"]}  # fmt: skip
        imprint = {name: text.strip() for name, text in named.items() if text.strip()}
        return {
            "imprint": imprint or None,
            "dispatch_organ": given["dispatch_organ"] or None, "webhook": {"url": given["webhook_url"]} if given["webhook_url"] else None,
            "openid": openid if openid["issuer"] else None, "open311_keys": keys or None, "attachment_limits": limits or None,
            "raw_packet_days": given["raw_packet_days"], "raw_reading_days": given["raw_reading_days"],
            "longest_maintenance_hours": given["longest_maintenance_hours"],
            "erasure": {"days": given["erasure_days"] if given["erasure_days"] is not None else 7, "by": given["erasure_by"] or "clock"},
            "retention": retention or None,
        }  # fmt: skip


def _key(line: str) -> tuple[str, str]:
    key, _mark, name = line.partition("=") if " = " in line else (line, "", "")
    return key.strip(), name.strip() or key.strip()[:8]


FIELD_OF_RULE = {
    "imprint": "imprint_phone",
    "webhook": "webhook_url",
    "openid": "openid_issuer",
    "attachment_limits": "photo_megabytes",
    "erasure": "erasure_days",
    "retention": "retention_caller_days",
}


def initial_rules(settings: dict[str, Any]) -> dict[str, Any]:
    """Return a town's rules as the form shows them."""
    openid, limits, erasure = settings.get("openid") or {}, settings.get("attachment_limits") or {}, settings.get("erasure") or {}
    keys = settings.get("open311_keys") or []
    lines = [f"{key} = {name}" if name else key for key, name in keys.items()] if isinstance(keys, dict) else list(keys)
    found = {
        "dispatch_organ": settings.get("dispatch_organ", ""), "webhook_url": (settings.get("webhook") or {}).get("url", ""),
        "openid_issuer": openid.get("issuer", ""), "openid_client_id": openid.get("client_id", ""), "openid_name": openid.get("name", ""),
        "openid_secret": openid.get("secret", ""), "openid_registers": bool(openid.get("registers")), "open311_keys": "\n".join(lines),
        "raw_packet_days": settings.get("raw_packet_days"), "raw_reading_days": settings.get("raw_reading_days"),
        "longest_maintenance_hours": settings.get("longest_maintenance_hours"),
        "erasure_days": erasure.get("days", 7), "erasure_by": erasure.get("by", "clock"),
    }  # fmt: skip
    imprint = settings.get("imprint") or {}
    found |= {"imprint_phone": imprint.get("phone", "")} | {name: imprint.get(name, "") for name in ("organiser", "organiser_en", "record", "police_record")}
    found |= {f"{name}_megabytes": limits[name] // MEGABYTE for name in ("photo", "paper") if name in limits}
    for kind, told in (settings.get("retention") or {}).items():
        found |= {f"retention_{kind}_days": told.get("days"), f"retention_{kind}_basis": told.get("basis", "")}
    return found
