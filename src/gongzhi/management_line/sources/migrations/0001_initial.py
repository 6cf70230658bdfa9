import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('attachments', '0001_initial'),
        ('organs', '0001_initial'),
        ('sensing', '0004_flow'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Outlet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=80)),
                ('medium', models.CharField(choices=[('water', '废水'), ('air', '废气')], max_length=5)),
                ('longitude', models.FloatField()),
                ('latitude', models.FloatField()),
                ('height', models.FloatField(blank=True, help_text='of a stack, metres above ground', null=True)),
                ('receiving_water', models.CharField(blank=True, max_length=80)),
                ('downstream_hours', models.FloatField(blank=True, help_text='how long the water takes to that station', null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('downstream', models.ForeignKey(blank=True, help_text='the first river station below it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.station')),
                ('station', models.ForeignKey(blank=True, help_text='which station measures it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.station')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(choices=[('month', '月报'), ('quarter', '季报')], max_length=7)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(help_text='the last day')),
                ('output_value', models.DecimalField(decimal_places=2, help_text='10,000 yuan', max_digits=14)),
                ('energy', models.DecimalField(decimal_places=3, help_text='tonnes of standard coal', max_digits=14)),
                ('water', models.DecimalField(decimal_places=2, help_text='m³ of fresh water', max_digits=14)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('state', models.CharField(choices=[('filed', '待核'), ('accepted', '已核'), ('returned', '退回')], default='filed', max_length=8)),
                ('filed_at', models.DateTimeField()),
                ('filed_by', models.CharField(max_length=80)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('checked_by', models.CharField(blank=True, max_length=80)),
                ('remark', models.CharField(blank=True, help_text='of whoever checked it', max_length=400)),
                ('is_current', models.BooleanField(default=True, help_text='not replaced by a later filing')),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.return')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='ReturnedAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.CharField(max_length=40)),
                ('kilograms', models.DecimalField(decimal_places=3, max_digits=16)),
                ('filed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amounts', to='sources.return')),
                ('outlet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.outlet')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='RiskSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('longitude', models.FloatField()),
                ('latitude', models.FloatField()),
                ('contact_post', models.CharField(blank=True, help_text="the firm's post on duty, never a person's name", max_length=80)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('registered_at', models.DateTimeField()),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120)),
                ('number', models.CharField(help_text='备案编号', max_length=60)),
                ('filed_on', models.DateField()),
                ('revision_due_on', models.DateField()),
                ('entered_at', models.DateTimeField()),
                ('paper', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='attachments.attachment')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='sources.risksource')),
            ],
        ),
        migrations.CreateModel(
            name='Drill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('held_on', models.DateField()),
                ('scenario', models.CharField(max_length=200)),
                ('finding', models.CharField(blank=True, max_length=400)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=80)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drills', to='sources.risksource')),
            ],
        ),
        migrations.CreateModel(
            name='SensitivePlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('kind', models.CharField(choices=[('school', '学校'), ('hospital', '医院'), ('intake', '取水口'), ('village', '居民点'), ('reserve', '生态保护地')], max_length=8)),
                ('population', models.PositiveIntegerField(blank=True, null=True)),
                ('longitude', models.FloatField()),
                ('latitude', models.FloatField()),
                ('registered_at', models.DateTimeField()),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('industry_code', models.CharField(help_text='class of GB/T 4754, such as 1713', max_length=8)),
                ('industry', models.CharField(max_length=80)),
                ('level', models.CharField(choices=[('key', '重点管理'), ('simple', '简化管理'), ('registered', '登记管理')], max_length=10)),
                ('longitude', models.FloatField()),
                ('latitude', models.FloatField()),
                ('address', models.CharField(blank=True, max_length=200)),
                ('registered_at', models.DateTimeField()),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('organ', models.ForeignKey(help_text='the firm that answers for it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Permit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40)),
                ('issued_by', models.CharField(blank=True, max_length=80)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(help_text='the last day')),
                ('ended_on', models.DateField(blank=True, help_text='withdrawn or replaced: the first day on which it no longer holds', null=True)),
                ('end_reason', models.CharField(blank=True, max_length=200)),
                ('entered_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='permits', to='sources.source')),
            ],
        ),
        migrations.AddField(
            model_name='outlet',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outlets', to='sources.source'),
        ),
        migrations.CreateModel(
            name='Substance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('cas', models.CharField(blank=True, max_length=12)),
                ('quantity', models.DecimalField(decimal_places=4, help_text='tonnes, the most that is there at a time', max_digits=12)),
                ('threshold', models.DecimalField(decimal_places=4, help_text='tonnes', max_digits=12)),
                ('basis', models.CharField(help_text='where the threshold is taken from', max_length=120)),
                ('is_current', models.BooleanField(default=True)),
                ('listed_at', models.DateTimeField()),
                ('risk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='substances', to='sources.risksource')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Threshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(help_text='energy, water, or the code of a factor that is given off', max_length=40)),
                ('limit', models.DecimalField(decimal_places=5, help_text='per 10,000 yuan of output: tce, m³, or kg', max_digits=14)),
                ('basis', models.CharField(max_length=200)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, help_text='the last day', null=True)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='PermitLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.CharField(max_length=40)),
                ('concentration', models.FloatField(blank=True, null=True)),
                ('low', models.FloatField(blank=True, help_text='lower end of a range (pH)', null=True)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('reference_oxygen', models.FloatField(blank=True, help_text='%, of flue gases', null=True)),
                ('year_amount', models.DecimalField(blank=True, decimal_places=6, help_text='tonnes a year', max_digits=14, null=True)),
                ('standard', models.CharField(help_text='the standard with its clause', max_length=200)),
                ('outlet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='sources.outlet')),
                ('permit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='sources.permit')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'permit', 'outlet', 'factor'), name='one_limit_per_factor'), models.CheckConstraint(condition=models.Q(('concentration__isnull', False), ('year_amount__isnull', False), _connector='OR'), name='permit_limit_limits'), models.CheckConstraint(condition=models.Q(('year_amount__isnull', True), ('year_amount__gt', 0), _connector='OR'), name='permit_amount_is_positive')],
            },
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(fields=['town', 'organ', '-starts_on'], name='return_newest'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('town', 'organ', 'period', 'starts_on'), name='one_return_per_period'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(('energy__gte', 0), ('output_value__gte', 0), ('water__gte', 0)), name='return_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='return_has_length'),
        ),
        migrations.AddConstraint(
            model_name='returnedamount',
            constraint=models.UniqueConstraint(fields=('town', 'filed', 'outlet', 'factor'), name='one_amount_per_factor'),
        ),
        migrations.AddConstraint(
            model_name='returnedamount',
            constraint=models.CheckConstraint(condition=models.Q(('kilograms__gte', 0)), name='amount_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='risksource',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_risk_source_per_code'),
        ),
        migrations.AddIndex(
            model_name='plan',
            index=models.Index(fields=['town', 'risk', '-filed_on'], name='plan_newest'),
        ),
        migrations.AddIndex(
            model_name='plan',
            index=models.Index(fields=['town', 'paper'], name='plan_paper'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('revision_due_on__gt', models.F('filed_on'))), name='plan_is_revised_later'),
        ),
        migrations.AddIndex(
            model_name='drill',
            index=models.Index(fields=['town', 'risk', '-held_on'], name='drill_newest'),
        ),
        migrations.AddConstraint(
            model_name='sensitiveplace',
            constraint=models.UniqueConstraint(fields=('town', 'name'), name='one_sensitive_place_per_name'),
        ),
        migrations.AddIndex(
            model_name='source',
            index=models.Index(fields=['town', 'organ'], name='source_organ'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_source_per_code'),
        ),
        migrations.AddIndex(
            model_name='permit',
            index=models.Index(fields=['town', 'valid_to'], name='permit_ends'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.UniqueConstraint(fields=('town', 'number'), name='one_permit_per_number'),
        ),
        migrations.AddConstraint(
            model_name='permit',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__gte', models.F('valid_from'))), name='permit_has_length'),
        ),
        migrations.AddIndex(
            model_name='outlet',
            index=models.Index(fields=['town', 'station'], name='outlet_station'),
        ),
        migrations.AddIndex(
            model_name='outlet',
            index=models.Index(fields=['town', 'downstream'], name='outlet_downstream'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.UniqueConstraint(fields=('town', 'source', 'code'), name='one_outlet_per_code'),
        ),
        migrations.AddConstraint(
            model_name='outlet',
            constraint=models.CheckConstraint(condition=models.Q(('downstream_hours__isnull', True), ('downstream_hours__gte', 0), _connector='OR'), name='outlet_hours_are_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='substance',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 0), ('threshold__gt', 0)), name='substance_quantities'),
        ),
        migrations.AddConstraint(
            model_name='substance',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('town', 'risk', 'name'), name='one_substance_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='threshold',
            constraint=models.UniqueConstraint(fields=('town', 'measure', 'valid_from'), name='one_threshold_per_day'),
        ),
        migrations.AddConstraint(
            model_name='threshold',
            constraint=models.CheckConstraint(condition=models.Q(('limit__gt', Decimal('0'))), name='threshold_is_positive'),
        ),
        own_by_town("sources_outlet"),
        own_by_town("sources_return"),
        own_by_town("sources_returnedamount"),
        own_by_town("sources_risksource"),
        own_by_town("sources_plan"),
        own_by_town("sources_drill"),
        own_by_town("sources_sensitiveplace"),
        own_by_town("sources_source"),
        own_by_town("sources_permit"),
        own_by_town("sources_substance"),
        own_by_town("sources_threshold"),
        own_by_town("sources_permitlimit"),
    ]
