from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0002_case_near'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['town', '-touched_at', '-id'], name='case_touched'),
        ),
        migrations.AddIndex(
            model_name='party',
            index=models.Index(condition=models.Q(('asked_to_rate_at__isnull', False)), fields=['town', 'asked_to_rate_at'], name='party_asked'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('act', 'return')), fields=['town', 'at'], name='step_returns'),
        ),
    ]
