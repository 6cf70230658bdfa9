import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0007_tries_by_place'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session', models.CharField(blank=True, help_text='hash of the session of whoever is not signed in', max_length=64)),
                ('purpose', models.CharField(max_length=100)),
                ('values_sealed', models.BinaryField(help_text='the values, as one sealed JSON object')),
                ('attachment_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('version', models.PositiveIntegerField(default=1, help_text='rises with each keeping: two devices notice each other')),
                ('begun_at', models.DateTimeField()),
                ('touched_at', models.DateTimeField()),
                ('person', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'touched_at'], name='draft_touched')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('town', 'person', 'purpose'), name='one_draft_per_person'), models.UniqueConstraint(condition=models.Q(('person__isnull', True)), fields=('town', 'session', 'purpose'), name='one_draft_per_session'), models.CheckConstraint(condition=models.Q(('person__isnull', False), models.Q(('session', ''), _negated=True), _connector='OR'), name='draft_has_an_owner')],
            },
        ),
        own_by_town("drafts_draft"),
    ]
