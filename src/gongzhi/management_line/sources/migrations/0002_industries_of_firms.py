"""What the sources of today say of their firms goes to the firms' register, where that has nothing: class of the trade, premises, place."""

import re

from django.db import migrations


def tell(apps, schema_editor):
    Source, Firm = apps.get_model("sources", "Source"), apps.get_model("firms", "Firm")
    for source in Source.objects.filter(closed_on__isnull=True).order_by("pk"):
        firm = Firm.objects.filter(organ_id=source.organ_id).first()
        if firm is None:
            continue
        found = re.match(r"[A-T]?([0-9]{2,4})$", source.industry_code.strip().upper())
        firm.industry = firm.industry or (found.group(1) if found else "")
        firm.address = firm.address or source.address
        if firm.longitude is None:
            firm.longitude, firm.latitude, firm.area_id = source.longitude, source.latitude, firm.area_id or source.area_id
        firm.save(update_fields=["industry", "address", "longitude", "latitude", "area"])


class Migration(migrations.Migration):

    dependencies = [
        ("sources", "0001_initial"),
        ("firms", "0002_firms_of_organs"),
    ]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
