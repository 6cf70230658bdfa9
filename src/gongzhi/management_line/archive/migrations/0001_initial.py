import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ArchivedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='first day of the month (UTC) of its readings')),
                ('path', models.CharField(help_text="below the town's folder in the archive", max_length=120)),
                ('generation', models.PositiveSmallIntegerField(default=0, help_text="0 for the month's first move; what came late has the next")),
                ('rows', models.BigIntegerField()),
                ('series', models.PositiveIntegerField()),
                ('revised', models.BigIntegerField(default=0, help_text='rows that may stand before another row of the same moment')),
                ('bytes', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('rows_digest', models.CharField(help_text='SHA-256 of the rows as the database sends them, in order', max_length=64)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('first_series', models.BigIntegerField()),
                ('last_series', models.BigIntegerField()),
                ('state', models.CharField(choices=[('written', '已写出'), ('verified', '已核对'), ('dropped', '已移出')], default='written', max_length=8)),
                ('written_at', models.DateTimeField()),
                ('dropped_at', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, help_text='when its bytes were last hashed again', null=True)),
                ('damage', models.CharField(blank=True, help_text='what the last check found; empty: whole', max_length=200)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'month'], name='archived_month')],
                'constraints': [models.UniqueConstraint(fields=('town', 'path'), name='one_file_per_path'), models.CheckConstraint(condition=models.Q(('bytes__gt', 0), ('rows__gt', 0)), name='archived_file_is_not_empty')],
            },
        ),
        own_by_town("archive_archivedfile"),
    ]
