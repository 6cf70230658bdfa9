"""Proved telephone numbers, requests for erasure, and from when a term runs (for people known already: from their log-in, else from now)."""

import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_hash_keys'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', '冷静期'), ('approved', '同意删除'), ('declined', '不予删除'), ('withdrawn', '已撤回'), ('done', '已删除')], default='waiting', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text='end of the cooling-off period')),
                ('needs_decision', models.BooleanField(default=False, help_text="as the town's rules said when it was asked")),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.CharField(blank=True, max_length=60)),
                ('ground', models.CharField(blank=True, help_text='why it was declined, with the clause', max_length=300)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone_hash', models.BinaryField(help_text='of the number it went to; another number needs another code')),
                ('code_hash', models.BinaryField()),
                ('sealed_code', models.BinaryField(blank=True, default=b'')),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='person',
            name='phone_proved_at',
            field=models.DateTimeField(blank=True, help_text='when the person typed a code that was sent to the number', null=True),
        ),
        migrations.AddField(
            model_name='person',
            name='registered_at',
            field=models.DateTimeField(blank=True, help_text='from when the term of what is kept runs at the earliest', null=True),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('erased_at__isnull', True)), fields=['town', 'kind', 'registered_at'], name='person_term'),
        ),
        migrations.AddField(
            model_name='erasurerequest',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='erasurerequest',
            name='town',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town'),
        ),
        migrations.AddField(
            model_name='phonecode',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='phonecode',
            name='town',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town'),
        ),
        migrations.AddIndex(
            model_name='erasurerequest',
            index=models.Index(fields=['town', 'state', 'due_at'], name='erasure_state'),
        ),
        migrations.AddConstraint(
            model_name='erasurerequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'approved'])), fields=('town', 'person'), name='one_open_erasure_per_person'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['town', 'person', '-made_at'], name='phone_code_person'),
        ),
        migrations.AddIndex(
            model_name='phonecode',
            index=models.Index(fields=['town', 'phone_hash', '-made_at'], name='phone_code_number'),
        ),
        own_by_town("people_erasurerequest"),
        own_by_town("people_phonecode"),
        migrations.RunSQL(
            sql="UPDATE people_person SET registered_at = coalesce((SELECT min(created_at) FROM people_user WHERE person_id = people_person.id), now())",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
