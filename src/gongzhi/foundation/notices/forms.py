"""How one wants to hear of things."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms


class ChoiceForm(forms.Form):
    """Mail at once, once a day or not; and the town's gateway."""

    mail = forms.ChoiceField(
        label=_("Mail"), choices=[("none", _("No mail")), ("at_once", _("At once")), ("daily", _("One mail a day"))], widget=forms.RadioSelect
    )
    address = forms.EmailField(label=_("Mail address"), required=False)
    webhook = forms.BooleanField(label=_("Also by text message, through the town's gateway"), required=False)
