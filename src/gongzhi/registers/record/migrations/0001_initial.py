import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organs', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='TakenFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('name', models.CharField(max_length=200)),
                ('path', models.CharField(blank=True, max_length=400)),
                ('size', models.BigIntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of the file', max_length=64)),
                ('definition', models.JSONField(blank=True, default=dict)),
                ('as_of', models.DateField(help_text='the day on which it says how things are')),
                ('state', models.CharField(choices=[('brought', '待导入'), ('running', '导入中'), ('done', '已完成'), ('failed', '已停止')], default='brought', max_length=8)),
                ('row', models.BigIntegerField(default=0, help_text='the last row that is accounted for')),
                ('rows', models.BigIntegerField(default=0)),
                ('added', models.BigIntegerField(default=0)),
                ('changed', models.BigIntegerField(default=0)),
                ('known', models.BigIntegerField(default=0)),
                ('refused', models.BigIntegerField(default=0)),
                ('blank', models.BigIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=400)),
                ('by', models.CharField(max_length=60)),
                ('brought_at', models.DateTimeField()),
                ('moved_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('subject_id', models.BigIntegerField(help_text='of the thing in its register; no key, for a statement outlives what it is about')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), help_text='which values it holds, to find it by', size=None)),
                ('values_sealed', models.BinaryField(help_text='the values, as one sealed JSON object')),
                ('source', models.CharField(max_length=120)),
                ('basis', models.CharField(max_length=200)),
                ('word', models.CharField(choices=[('source', '来源数据'), ('own', '本人'), ('kin', '家人'), ('landlord', '房东'), ('neighbour', '邻居'), ('seen', '现场所见'), ('paper', '证件')], default='source', max_length=10)),
                ('by', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='record.takenfile')),
            ],
        ),
        migrations.CreateModel(
            name='RefusedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.BigIntegerField()),
                ('field', models.CharField(blank=True, max_length=24)),
                ('text_sealed', models.BinaryField(blank=True, default=b'')),
                ('reason', models.CharField(max_length=300)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='record.takenfile')),
            ],
        ),
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('register', models.CharField(max_length=12)),
                ('subject_id', models.BigIntegerField()),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), size=None)),
                ('purpose', models.CharField(max_length=200)),
                ('grant', models.CharField(blank=True, help_text="reference of the grant it was made through; empty: by the register's own right", max_length=60)),
                ('by', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('organ', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'register', 'subject_id', '-at'], name='look_subject')],
            },
        ),
        migrations.AddIndex(
            model_name='takenfile',
            index=models.Index(fields=['town', 'register', 'digest'], name='taken_file_digest'),
        ),
        migrations.AddIndex(
            model_name='takenfile',
            index=models.Index(fields=['town', '-brought_at'], name='taken_file_newest'),
        ),
        migrations.AddIndex(
            model_name='statement',
            index=models.Index(fields=['town', 'register', 'subject_id', '-id'], name='statement_subject'),
        ),
        migrations.AddIndex(
            model_name='refusedrow',
            index=models.Index(fields=['town', 'file', 'row'], name='refused_row_file'),
        ),
        own_by_town("record_statement"),
        own_by_town("record_look"),
        own_by_town("record_takenfile"),
        own_by_town("record_refusedrow"),
    ]
