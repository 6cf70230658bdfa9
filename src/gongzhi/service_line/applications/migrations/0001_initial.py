import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('attachments', '0001_initial'),
        ('cases', '0009_procedures_of_variants'),
        ('organs', '0002_what_roles_may_do'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('title_en', models.CharField(blank=True, max_length=160)),
                ('summary', models.TextField(blank=True)),
                ('summary_en', models.TextField(blank=True)),
                ('power', models.CharField(max_length=16)),
                ('applicants', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), size=None)),
                ('basis', models.CharField(max_length=400)),
                ('conditions', models.TextField(blank=True)),
                ('conditions_en', models.TextField(blank=True)),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('life', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('firm_stage', models.CharField(blank=True, max_length=8)),
                ('result', models.CharField(blank=True, max_length=80)),
                ('fee', models.CharField(blank=True, max_length=200)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('hours', models.CharField(blank=True, max_length=120)),
                ('appeal', models.CharField(blank=True, max_length=400)),
                ('pattern', models.CharField(max_length=12)),
                ('statutory_days', models.PositiveSmallIntegerField()),
                ('promised_days', models.PositiveSmallIntegerField()),
                ('promise', models.TextField(blank=True)),
                ('promise_en', models.TextField(blank=True)),
                ('years', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('form', models.JSONField(default=list)),
                ('materials', models.JSONField(default=list)),
                ('branches', models.JSONField(default=list)),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('made_by', models.CharField(max_length=60)),
                ('made_at', models.DateTimeField()),
                ('adopted_at', models.DateTimeField(blank=True, null=True)),
                ('procedure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.procedure')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='ServiceItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60)),
                ('family', models.CharField(max_length=12)),
                ('origin_code', models.CharField(blank=True, help_text='code of the list that it was imported from', max_length=120)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('current', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.itemversion')),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddField(
            model_name='itemversion',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='applications.serviceitem'),
        ),
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('values_sealed', models.BinaryField(help_text='answers with their sources, as one sealed JSON object')),
                ('applicant_kind', models.CharField(max_length=8)),
                ('way', models.CharField(default='online', max_length=8)),
                ('window_by', models.CharField(blank=True, help_text='who filed it at the window', max_length=60)),
                ('promised', models.BooleanField(default=False, help_text='filed on a promise')),
                ('doubts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, help_text='values the town holds that the applicant says are wrong', size=None)),
                ('notices', models.PositiveSmallIntegerField(default=0)),
                ('filed_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(blank=True, help_text='when the promised limit ended', null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.CharField(blank=True, max_length=30)),
                ('result_type', models.CharField(blank=True, max_length=10)),
                ('by_clock', models.BooleanField(default=False)),
                ('decided_online', models.BooleanField(default=True)),
                ('days', models.PositiveIntegerField(blank=True, help_text='whole working days used; lawful stops not counted', null=True)),
                ('stopped_days', models.PositiveIntegerField(default=0)),
                ('extended', models.BooleanField(default=False)),
                ('on_promised', models.BooleanField(blank=True, null=True)),
                ('on_statutory', models.BooleanField(blank=True, null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('organ', models.ForeignKey(db_index=False, help_text='the department', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.itemversion')),
                ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.serviceitem')),
            ],
        ),
        migrations.CreateModel(
            name='Material',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30)),
                ('source', models.CharField(blank=True, help_text='where the town took it from; empty: handed in', max_length=40)),
                ('state', models.CharField(default='given', max_length=10)),
                ('says', models.CharField(blank=True, help_text='what is wrong with it', max_length=200)),
                ('added_at', models.DateTimeField()),
                ('attachment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='attachments.attachment')),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='applications.filing')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'filing'], name='material_filing'), models.Index(fields=['town', 'attachment'], name='material_attachment')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None)),
                ('at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('filing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.filing')),
                ('organ', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'at'], name='notice_at')],
                'constraints': [models.UniqueConstraint(fields=('town', 'filing', 'number'), name='one_notice_per_number')],
            },
        ),
        migrations.AddIndex(
            model_name='serviceitem',
            index=models.Index(fields=['town', 'organ'], name='item_organ'),
        ),
        migrations.AddConstraint(
            model_name='serviceitem',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_item_per_code'),
        ),
        migrations.AddIndex(
            model_name='itemversion',
            index=models.Index(fields=['town', 'item', '-number'], name='version_of_item'),
        ),
        migrations.AddConstraint(
            model_name='itemversion',
            constraint=models.UniqueConstraint(fields=('town', 'item', 'number'), name='one_item_version_per_number'),
        ),
        migrations.AddConstraint(
            model_name='itemversion',
            constraint=models.CheckConstraint(condition=models.Q(('promised_days__lte', models.F('statutory_days'))), name='promised_within_statutory'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(fields=['town', 'filed_at'], name='filing_filed'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['town', 'decided_at'], name='filing_decided'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(fields=['town', 'item', 'filed_at'], name='filing_item'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['town', 'due_at'], name='filing_due'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(condition=models.Q(('decided_at__isnull', True), ('withdrawn_at__isnull', True)), fields=['town', 'case'], name='filing_open'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(condition=models.Q(('withdrawn_at__isnull', False)), fields=['town', 'withdrawn_at'], name='filing_withdrawn'),
        ),
        own_by_town("applications_serviceitem"),
        own_by_town("applications_itemversion"),
        own_by_town("applications_filing"),
        own_by_town("applications_material"),
        own_by_town("applications_notice"),
    ]
