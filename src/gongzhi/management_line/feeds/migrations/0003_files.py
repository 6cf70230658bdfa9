import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    dependencies = [
        ('feeds', '0002_several_topics'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FileImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('path', models.CharField(help_text='where the file lies; empty once it was thrown away', max_length=500)),
                ('size', models.BigIntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of the file', max_length=64)),
                ('by', models.CharField(max_length=60)),
                ('brought_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('definition', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('uploaded', '已上传'), ('running', '导入中'), ('done', '已完成'), ('failed', '中断')], default='uploaded', max_length=12)),
                ('moved_at', models.DateTimeField(help_text='of the last batch; one that runs and has not moved for long was left by its worker')),
                ('error', models.CharField(blank=True, max_length=400)),
                ('row', models.PositiveBigIntegerField(default=0, help_text='number of the last row that is accounted for')),
                ('rows', models.PositiveBigIntegerField(default=0, help_text='rows below the header')),
                ('rows_used', models.PositiveBigIntegerField(default=0, help_text='of which at least one reading was taken')),
                ('rows_blank', models.PositiveBigIntegerField(default=0, help_text='that hold no value')),
                ('rows_refused', models.PositiveBigIntegerField(default=0, help_text='of which nothing could be used')),
                ('taken', models.PositiveBigIntegerField(default=0)),
                ('repeated', models.PositiveBigIntegerField(default=0)),
                ('corrected', models.PositiveBigIntegerField(default=0)),
                ('refused', models.PositiveBigIntegerField(default=0, help_text='values that could not be used')),
                ('empty', models.PositiveBigIntegerField(default=0, help_text='cells without a value')),
                ('below', models.PositiveBigIntegerField(default=0, help_text='values below the detection limit')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='ImportRecipe',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('definition', models.JSONField()),
                ('kept_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='RefusedCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveBigIntegerField()),
                ('column', models.CharField(blank=True, max_length=200)),
                ('text', models.CharField(blank=True, max_length=80)),
                ('reason', models.CharField(max_length=300)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='feeds.fileimport')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddIndex(
            model_name='fileimport',
            index=models.Index(fields=['town', '-brought_at'], name='file_import_newest'),
        ),
        migrations.AddConstraint(
            model_name='importrecipe',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_import_recipe_per_code'),
        ),
        migrations.AddIndex(
            model_name='refusedcell',
            index=models.Index(fields=['town', 'file', 'row'], name='refused_cell_by_row'),
        ),
        own_by_town("feeds_importrecipe"),
        own_by_town("feeds_fileimport"),
        own_by_town("feeds_refusedcell"),
    ]
