import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Town',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(help_text='first label of its host name, and its name in files', unique=True)),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('short_name', models.CharField(help_text='stands in case numbers, such as 云溪', max_length=12)),
                ('division_code', models.CharField(blank=True, help_text='statistical division code (GB/T 2260 + 10114)', max_length=12)),
                ('hosts', models.JSONField(blank=True, default=list, help_text='host names that lead to this town')),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40)),
                ('settings', models.JSONField(blank=True, default=dict, help_text="the town's own rules, named in docs/running/town.md")),
                ('is_default', models.BooleanField(default=False, help_text='answers at addresses that name no town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='one_default_town')],
            },
        ),
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('town', '镇'), ('subdistrict', '街道'), ('community', '社区'), ('grid', '网格'), ('park', '园区')], max_length=12)),
                ('code', models.CharField(help_text='division code; grids continue it to 15 digits', max_length=20)),
                ('name', models.CharField(max_length=80)),
                ('path', models.CharField(db_index=True, max_length=200)),
                ('boundary', models.JSONField(blank=True, help_text='GeoJSON MultiPolygon, WGS-84', null=True)),
                ('label_point', models.JSONField(blank=True, help_text='[lon, lat] inside the boundary, for its label', null=True)),
                ('valid_from', models.DateTimeField()),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('street', '道路'), ('crossing', '路口'), ('estate', '小区'), ('building', '楼宇'), ('public', '公共设施'), ('firm', '企业'), ('nature', '山水')], max_length=10)),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('longitude', models.FloatField()),
                ('latitude', models.FloatField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['name', 'address'], name='place_words', opclasses=['gin_trgm_ops', 'gin_trgm_ops'])],
                'constraints': [models.UniqueConstraint(fields=('town', 'name', 'address'), name='one_place_per_name')],
            },
        ),
        migrations.AddIndex(
            model_name='area',
            index=models.Index(fields=['town', 'level', 'code'], name='area_level'),
        ),
        migrations.AddConstraint(
            model_name='area',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('town', 'code'), name='one_valid_area_per_code'),
        ),
        own_by_town("territory_area"),
        own_by_town("territory_place"),
    ]
