from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_versions'),
    ]

    operations = [
        migrations.AddField(
            model_name='followup',
            name='answer',
            field=models.TextField(blank=True, help_text='written to whoever rated and cannot be called; they read it where they follow the case'),
        ),
        migrations.RemoveIndex(model_name='case', name='case_desk'),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('holder__isnull', False)), fields=['town', 'holder', 'next_due_at', 'id'], name='case_desk'),
        ),
    ]
