import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('sensing', '0002_readings'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Feature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('properties', models.JSONField(blank=True, null=True)),
                ('encoding_type', models.CharField(default='application/geo+json', max_length=100)),
                ('feature', models.JSONField(blank=True, null=True)),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.station')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Detail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measured_at', models.DateTimeField()),
                ('version', models.SmallIntegerField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('result_time', models.DateTimeField(blank=True, null=True)),
                ('valid_from', models.DateTimeField(blank=True, null=True)),
                ('valid_to', models.DateTimeField(blank=True, null=True)),
                ('quality', models.JSONField(blank=True, null=True)),
                ('parameters', models.JSONField(blank=True, null=True)),
                ('series', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.series')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('feature', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensorthings.feature')),
            ],
        ),
        migrations.CreateModel(
            name='Instrument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('properties', models.JSONField(blank=True, null=True)),
                ('encoding_type', models.CharField(max_length=100)),
                ('metadata', models.JSONField()),
                ('station', models.ForeignKey(blank=True, help_text='set: stands for whatever measures at this station', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.station')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Observed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('properties', models.JSONField(blank=True, null=True)),
                ('definition', models.CharField(max_length=500)),
                ('code', models.CharField(blank=True, help_text='empty: its series are named after its number', max_length=40)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('properties', models.JSONField(blank=True, null=True)),
                ('encoding_type', models.CharField(default='application/geo+json', max_length=100)),
                ('location', models.JSONField()),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensing.station')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Stay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='StayPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sensorthings.place')),
                ('stay', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sensorthings.stay')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('series', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='sensing.series')),
                ('name', models.CharField(blank=True, help_text='empty: from station and factor', max_length=200)),
                ('description', models.TextField(blank=True)),
                ('properties', models.JSONField(blank=True, null=True)),
                ('observation_type', models.CharField(default='http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement', max_length=200)),
                ('unit', models.JSONField(blank=True, help_text='unitOfMeasurement as it was given; null: from the series', null=True)),
                ('up', models.FloatField(default=1)),
                ('down', models.FloatField(default=1)),
                ('shift', models.FloatField(default=0)),
                ('observed_area', models.JSONField(blank=True, null=True)),
                ('instrument', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensorthings.instrument')),
                ('observed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensorthings.observed')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Thing',
            fields=[
                ('station', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='sensing.station')),
                ('description', models.TextField(blank=True)),
                ('properties', models.JSONField(blank=True, help_text='beyond code, kind and address, which come from the station', null=True)),
                ('feature', models.ForeignKey(help_text='of readings that name none', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sensorthings.feature')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='stay',
            name='thing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sensorthings.thing'),
        ),
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sensorthings.place')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('thing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sensorthings.thing')),
            ],
        ),
        migrations.AddConstraint(
            model_name='feature',
            constraint=models.UniqueConstraint(fields=('town', 'station'), name='one_feature_per_station'),
        ),
        migrations.AddConstraint(
            model_name='detail',
            constraint=models.UniqueConstraint(fields=('town', 'series', 'measured_at', 'version'), name='one_detail_per_reading'),
        ),
        migrations.AddConstraint(
            model_name='instrument',
            constraint=models.UniqueConstraint(fields=('town', 'station'), name='one_instrument_per_station'),
        ),
        migrations.AddConstraint(
            model_name='observed',
            constraint=models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('town', 'code'), name='one_observed_per_code'),
        ),
        migrations.AddIndex(
            model_name='place',
            index=models.Index(fields=['town', 'station'], name='place_of_station'),
        ),
        migrations.AddConstraint(
            model_name='stayplace',
            constraint=models.UniqueConstraint(fields=('town', 'stay', 'place'), name='one_place_per_stay'),
        ),
        migrations.AddIndex(
            model_name='stay',
            index=models.Index(fields=['town', 'thing', 'at'], name='stay_newest'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.UniqueConstraint(fields=('town', 'thing', 'place'), name='one_standing_per_place'),
        ),
        own_by_town("sensorthings_feature"),
        own_by_town("sensorthings_thing"),
        own_by_town("sensorthings_place"),
        own_by_town("sensorthings_standing"),
        own_by_town("sensorthings_stay"),
        own_by_town("sensorthings_stayplace"),
        own_by_town("sensorthings_instrument"),
        own_by_town("sensorthings_observed"),
        own_by_town("sensorthings_stream"),
        own_by_town("sensorthings_detail"),
    ]
