"""Every organ that is a firm gets its place in the register: name, park and end are taken over, nothing of the organ changes."""

import re
import unicodedata

from django.db import migrations
from django.utils import timezone


def take_in(apps, schema_editor):
    Organ, Firm = apps.get_model("organs", "Organ"), apps.get_model("firms", "Firm")
    Firm.objects.bulk_create(
        [
            Firm(
                town_id=organ.town_id, organ_id=organ.pk, name=organ.name, name_en=organ.name_en, park_id=organ.area_id, closed_on=organ.closed_on,
                name_key=re.sub(r"[\s·.,\-()]+", "", unicodedata.normalize("NFKC", organ.name)).casefold()[:120], entered_at=timezone.now(),
            )
            for organ in Organ.objects.filter(kind="enterprise").order_by("pk")
        ],
        batch_size=500,
    )  # fmt: skip


class Migration(migrations.Migration):

    dependencies = [
        ("firms", "0001_initial"),
        ("organs", "0001_initial"),
    ]

    operations = [migrations.RunPython(take_in, migrations.RunPython.noop)]
