from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0003_what_pages_ask'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='version',
            field=models.PositiveIntegerField(default=1, help_text='rises with every act that decides something; acts say on which one they were decided'),
        ),
    ]
