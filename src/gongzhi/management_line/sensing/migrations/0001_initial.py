import django.db.models.deletion
import uuid
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0001_initial'),
        ('organs', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('pk', models.CompositePrimaryKey('town', 'series', 'measured_at', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('measured_at', models.DateTimeField()),
                ('version', models.SmallIntegerField(default=0)),
                ('received_at', models.DateTimeField()),
                ('value', models.FloatField()),
                ('flag', models.CharField(help_text='data mark of HJ 212 (N normal, D fault, ...); - when none was sent', max_length=1)),
                ('batch_id', models.BigIntegerField()),
                ('packet_no', models.IntegerField(help_text="the packet's place in its batch")),
            ],
            options={
                'db_table': 'sensing_reading',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='RegistryVersion',
            fields=[
                ('town', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='territory.town')),
                ('version', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='DeviceAddress',
            fields=[
                ('mn', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('device_id', models.BigIntegerField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('kind', models.CharField(choices=[('surface_water', '地表水'), ('waste_water', '废水排口'), ('level', '水位'), ('air', '环境空气'), ('flue_gas', '废气排口'), ('dust', '扬尘'), ('noise', '噪声'), ('soil', '土壤'), ('waste', '固体废物'), ('ecology', '生态')], max_length=16)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('is_public', models.BooleanField(default=True)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('organ', models.ForeignKey(blank=True, help_text='who answers for it: the firm of an outlet, the station that keeps a river', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('factor', models.CharField(max_length=40)),
                ('aggregate', models.CharField(help_text='period.statistic, such as rtd, hour.avg, minute.max', max_length=24)),
                ('unit', models.CharField(blank=True, help_text='as the device sends it; empty: not known, and then not compared with standards', max_length=20)),
                ('began_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='series', to='sensing.station')),
            ],
            options={
                'verbose_name_plural': 'series',
            },
        ),
        migrations.CreateModel(
            name='LimitRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=60)),
                ('station_kind', models.CharField(blank=True, choices=[('surface_water', '地表水'), ('waste_water', '废水排口'), ('level', '水位'), ('air', '环境空气'), ('flue_gas', '废气排口'), ('dust', '扬尘'), ('noise', '噪声'), ('soil', '土壤'), ('waste', '固体废物'), ('ecology', '生态')], max_length=16)),
                ('factor', models.CharField(max_length=40)),
                ('aggregate', models.CharField(default='rtd', max_length=24)),
                ('comparator', models.CharField(choices=[('above', '高于'), ('below', '低于')], default='above', max_length=6)),
                ('limit', models.FloatField()),
                ('unit', models.CharField(help_text='compared only with series in the same unit', max_length=20)),
                ('return_difference', models.FloatField(default=0, help_text='a value is clean again only when it is this far inside the limit')),
                ('count', models.PositiveSmallIntegerField(default=2, help_text='readings in a row beyond the limit that begin an episode')),
                ('duration_seconds', models.PositiveIntegerField(default=0, help_text='and for at least this long')),
                ('clean_count', models.PositiveSmallIntegerField(default=3, help_text='clean readings in a row that end it')),
                ('severity', models.SmallIntegerField(default=2, help_text='of the case: 1 ordinary to 4 emergency')),
                ('clause', models.CharField(blank=True, help_text='the standard that sets it, with its clause', max_length=200)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.category')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='limits', to='sensing.station')),
            ],
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mn', models.CharField(help_text='MN of HJ 212: 24 hex digits in 2017, 14 characters in 2005', max_length=40)),
                ('protocol', models.CharField(default='hj212', max_length=16)),
                ('sealed_password', models.TextField()),
                ('state', models.CharField(choices=[('active', '在用'), ('maintenance', '检修'), ('retired', '停用')], default='active', max_length=12)),
                ('report_seconds', models.PositiveIntegerField(default=60, help_text='how often it should report; silent after three times that')),
                ('last_seen_at', models.DateTimeField(blank=True, null=True)),
                ('registered_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to='sensing.station')),
            ],
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, help_text='made by the gateway before its first try: a second try changes nothing')),
                ('taken_at', models.DateTimeField()),
                ('packets', models.IntegerField()),
                ('readings', models.IntegerField()),
                ('repeated', models.IntegerField(default=0)),
                ('corrected', models.IntegerField(default=0)),
                ('digest', models.BinaryField(help_text='SHA-256 of the packets, in order, each with CR LF')),
                ('raw', models.BinaryField(help_text='the packets, zlib; empty after the term', null=True)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'verbose_name_plural': 'batches',
                'indexes': [models.Index(fields=['town', 'taken_at'], name='batch_taken')],
                'constraints': [models.UniqueConstraint(fields=('town', 'key'), name='one_batch_per_key')],
            },
        ),
        migrations.CreateModel(
            name='Latest',
            fields=[
                ('series', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='latest', serialize=False, to='sensing.series')),
                ('measured_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('value', models.FloatField()),
                ('flag', models.CharField(max_length=1)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Episode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device_id', models.BigIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('over', '超限'), ('clean', '已复常'), ('settled', '已销')], default='over', max_length=8)),
                ('began_at', models.DateTimeField(help_text='of the first reading beyond the limit')),
                ('opened_at', models.DateTimeField(help_text='when the rule fired')),
                ('first_value', models.FloatField()),
                ('peak', models.FloatField()),
                ('peak_at', models.DateTimeField()),
                ('clean_at', models.DateTimeField(blank=True, help_text='of the first clean reading of the row that ended it', null=True)),
                ('relapses', models.PositiveIntegerField(default=0)),
                ('answered_at', models.DateTimeField(blank=True, help_text='the unit reported; readings after it prove or disprove', null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('fault', models.CharField(blank=True, help_text='why its case could not be opened yet', max_length=300)),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='episodes', to='sensing.series')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.limitrule')),
            ],
            options={
                'indexes': [models.Index(fields=['town', '-began_at'], name='episode_newest'), models.Index(fields=['town', 'case'], name='episode_case')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'settled'), _negated=True), fields=('town', 'rule', 'series'), name='one_episode_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='RefusedPacket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField()),
                ('peer', models.CharField(max_length=60)),
                ('mn', models.CharField(blank=True, max_length=40)),
                ('verdict', models.CharField(max_length=20)),
                ('reason', models.CharField(max_length=300)),
                ('raw', models.BinaryField()),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.device')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', '-received_at', '-id'], name='refused_newest')],
            },
        ),
        migrations.AddConstraint(
            model_name='station',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_station_per_code'),
        ),
        migrations.AddConstraint(
            model_name='series',
            constraint=models.UniqueConstraint(fields=('town', 'station', 'factor', 'aggregate'), name='one_series_per_factor'),
        ),
        migrations.AddConstraint(
            model_name='limitrule',
            constraint=models.CheckConstraint(condition=models.Q(('station__isnull', False), models.Q(('station_kind', ''), _negated=True), _connector='OR'), name='limit_has_a_scope'),
        ),
        migrations.AddConstraint(
            model_name='limitrule',
            constraint=models.CheckConstraint(condition=models.Q(('clean_count__gte', 1), ('count__gte', 1), ('return_difference__gte', 0)), name='limit_counts'),
        ),
        migrations.AddConstraint(
            model_name='device',
            constraint=models.UniqueConstraint(fields=('town', 'mn'), name='one_device_per_mn'),
        ),
        own_by_town("sensing_station"),
        own_by_town("sensing_device"),
        own_by_town("sensing_series"),
        own_by_town("sensing_latest"),
        own_by_town("sensing_batch"),
        own_by_town("sensing_refusedpacket"),
        own_by_town("sensing_limitrule"),
        own_by_town("sensing_episode"),
    ]
