import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0008_indexes_of_lists'),
        ('grants', '0001_initial'),
        ('organs', '0002_what_roles_may_do'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('subject_id', models.BigIntegerField()),
                ('field', models.CharField(max_length=24)),
                ('raised_by_person_id', models.BigIntegerField(blank=True, null=True)),
                ('proposed_sealed', models.BinaryField(blank=True, default=b'')),
                ('is_corrected', models.BooleanField(null=True)),
                ('basis', models.CharField(blank=True, max_length=200)),
                ('told', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, help_text='units that had been shown the wrong value', size=None)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('authority', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('purpose', models.CharField(max_length=200)),
                ('basis', models.CharField(max_length=200)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('asked_by', models.CharField(max_length=60)),
                ('asked_by_person_id', models.BigIntegerField(blank=True, null=True)),
                ('grant_id', models.BigIntegerField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('authority', models.ForeignKey(help_text='that decides', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('organ', models.ForeignKey(help_text='that asks', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='RequestedField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=24)),
                ('answer', models.CharField(blank=True, max_length=8)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fields', to='exchange.datarequest')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Sender',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=60)),
                ('title', models.CharField(max_length=80)),
                ('public_key', models.TextField(help_text='PEM, Ed25519 or P-256')),
                ('set_by', models.CharField(max_length=60)),
                ('set_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('last_at', models.DateTimeField(blank=True, null=True)),
                ('data_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grants.dataset')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='SentMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nonce', models.CharField(max_length=100)),
                ('signed_at', models.DateTimeField()),
                ('came_at', models.DateTimeField()),
                ('digest', models.CharField(help_text='SHA-256 of the body', max_length=64)),
                ('rows', models.PositiveIntegerField()),
                ('added', models.PositiveIntegerField()),
                ('changed', models.PositiveIntegerField()),
                ('known', models.PositiveIntegerField()),
                ('refused', models.JSONField(default=list, help_text='[{row, field, why}]: why rows were not taken, without what stood there')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='exchange.sender')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(fields=['town', 'organ', '-id'], name='data_request_organ'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='data_request_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='requestedfield',
            constraint=models.UniqueConstraint(fields=('town', 'request', 'field'), name='one_answer_per_field'),
        ),
        migrations.AddConstraint(
            model_name='sender',
            constraint=models.UniqueConstraint(fields=('town', 'key_id'), name='one_sender_per_key'),
        ),
        migrations.AddIndex(
            model_name='sentmessage',
            index=models.Index(fields=['town', 'sender', '-id'], name='sent_message_sender'),
        ),
        migrations.AddConstraint(
            model_name='sentmessage',
            constraint=models.UniqueConstraint(fields=('town', 'sender', 'nonce'), name='one_message_per_nonce'),
        ),
        own_by_town("exchange_datarequest"),
        own_by_town("exchange_requestedfield"),
        own_by_town("exchange_correction"),
        own_by_town("exchange_sender"),
        own_by_town("exchange_sentmessage"),
    ]
