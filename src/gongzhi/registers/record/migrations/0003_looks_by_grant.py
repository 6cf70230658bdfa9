from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organs', '0002_what_roles_may_do'),
        ('record', '0002_towns_with_stalled_files'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='look',
            index=models.Index(condition=models.Q(('grant', ''), _negated=True), fields=['town', 'grant', '-at'], name='look_grant'),
        ),
    ]
