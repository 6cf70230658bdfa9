from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', ['answered', 'assigned', 'in_hand', 'opened', 'reopened', 'returned', 'suspended', 'verified'])), fields=['town', 'latitude'], name='case_near'),
        ),
    ]
