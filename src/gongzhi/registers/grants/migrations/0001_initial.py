import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organs', '0002_what_roles_may_do'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DataSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('title', models.CharField(max_length=80)),
                ('title_en', models.CharField(blank=True, max_length=80)),
                ('summary', models.CharField(blank=True, max_length=300)),
                ('place', models.CharField(blank=True, help_text='the system in which it is held', max_length=120)),
                ('share', models.PositiveSmallIntegerField(default=2)),
                ('basis', models.CharField(blank=True, max_length=200)),
                ('period', models.CharField(default='month', max_length=8)),
                ('fields', models.JSONField(default=list, help_text='[{code, title, sort, required}]; the first is what a row is found by')),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='DataRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_hash', models.BinaryField()),
                ('values_sealed', models.BinaryField()),
                ('source', models.CharField(max_length=120)),
                ('told_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('data_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grants.dataset')),
            ],
        ),
        migrations.CreateModel(
            name='Doubt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('subject_id', models.BigIntegerField()),
                ('field', models.CharField(max_length=24)),
                ('statement_id', models.BigIntegerField(blank=True, help_text='that told the doubted value', null=True)),
                ('told_at', models.DateTimeField(blank=True, help_text='since when the doubted value stood', null=True)),
                ('case_id', models.BigIntegerField()),
                ('raised_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('is_corrected', models.BooleanField(null=True)),
                ('told', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, help_text='units that had been shown the wrong value, and were told', size=None)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='FieldEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('field', models.CharField(max_length=24)),
                ('share', models.PositiveSmallIntegerField(help_text='1 without a request, 2 on request, 3 not given')),
                ('basis', models.CharField(blank=True, help_text='the law by which it is not given', max_length=200)),
                ('period', models.CharField(max_length=8)),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), size=None)),
                ('purpose', models.CharField(max_length=200)),
                ('basis', models.CharField(max_length=200)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(help_text='the last day on which it holds')),
                ('case_id', models.BigIntegerField(blank=True, help_text='of the request that it follows from', null=True)),
                ('given_by', models.CharField(max_length=60)),
                ('given_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.CharField(blank=True, max_length=60)),
                ('end_reason', models.CharField(blank=True, max_length=200)),
                ('authority', models.ForeignKey(help_text='that gave it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('organ', models.ForeignKey(help_text='that may see', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddConstraint(
            model_name='dataset',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_data_set_per_code'),
        ),
        migrations.AddConstraint(
            model_name='dataset',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('share', 3), _negated=True), models.Q(('basis', ''), _negated=True), _connector='OR'), name='data_set_not_given_by_law'),
        ),
        migrations.AddConstraint(
            model_name='datarow',
            constraint=models.UniqueConstraint(fields=('town', 'data_set', 'key_hash'), name='one_data_row_per_key'),
        ),
        migrations.AddIndex(
            model_name='doubt',
            index=models.Index(fields=['town', 'case_id'], name='doubt_case'),
        ),
        migrations.AddConstraint(
            model_name='doubt',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('town', 'register', 'subject_id', 'field'), name='one_doubt_per_value'),
        ),
        migrations.AddConstraint(
            model_name='fieldentry',
            constraint=models.UniqueConstraint(fields=('town', 'register', 'field'), name='one_entry_per_field'),
        ),
        migrations.AddConstraint(
            model_name='fieldentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('share', 3), _negated=True), models.Q(('basis', ''), _negated=True), _connector='OR'), name='not_given_by_law'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['town', 'organ', '-id'], name='grant_organ'),
        ),
        migrations.AddIndex(
            model_name='grant',
            index=models.Index(fields=['town', 'authority', '-id'], name='grant_authority'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='grant_ends_after_it_begins'),
        ),
        own_by_town("grants_fieldentry"),
        own_by_town("grants_dataset"),
        own_by_town("grants_datarow"),
        own_by_town("grants_grant"),
        own_by_town("grants_doubt"),
    ]
