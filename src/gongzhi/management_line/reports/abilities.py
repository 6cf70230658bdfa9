"""What posts allow about reports."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_train_suggestions", _("Train the suggestion of categories"), roles=("administrator",), never=("auditor",)))
