"""What people type in conversations: parsed and checked for shape."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.autonomy_line.voice.models import MOST_TEXT
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import Actor


class StatementForm(forms.Form):
    text = forms.CharField(label=_("Your sentence"), max_length=400, widget=forms.Textarea(attrs={"rows": "3"}))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        words = _("At most %(most)d characters; one thing in each sentence. Your name is not shown.")
        self.fields["text"].help_text = words % {"most": MOST_TEXT}  # filled in here: once filled in, words keep the language of that moment


class JudgeForm(forms.Form):
    reason = forms.CharField(label=_("Why it is not shown"), max_length=300, required=False)


class ConversationForm(forms.Form):
    """A question to everybody."""

    question = forms.CharField(label=_("Question"), max_length=120)
    code = forms.CharField(label=_("Short name in the address"), max_length=60, help_text=_("Small letters, digits and hyphens; stands in its address."))
    why = forms.CharField(label=_("Why it is asked"), widget=forms.Textarea(attrs={"rows": "3"}), help_text=_("And what happens with what comes of it."))
    organ_id = forms.TypedChoiceField(label=_("Who asks"), coerce=int)
    closes_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    statements = forms.CharField(label=_("Statements to begin with"), widget=forms.Textarea(attrs={"rows": "10"}),
                                 help_text=_("One on each line, from all sides; at least five."))  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, on: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["organ_id"].choices = [(organ.pk, str(organ)) for organ in organs.open_organs(seen_by=actor, on=on)]  # type: ignore[attr-defined]
