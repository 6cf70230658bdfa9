"""A count by which the sessions of a log-in are ended."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_rights_of_people'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='session_version',
            field=models.PositiveIntegerField(default=0, help_text='counts up to end every session of the log-in'),
        ),
    ]
