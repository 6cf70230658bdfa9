from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('town_id', models.BigIntegerField()),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('note', models.TextField()),
                ('vkey', models.CharField(max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town_id', 'size'), name='one_checkpoint_per_size')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('town_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=60)),
                ('subject', models.CharField(max_length=80)),
                ('actor', models.CharField(max_length=60)),
                ('actor_sort', models.CharField(help_text='what the public reads: resident, officer, clock', max_length=40)),
                ('content', models.JSONField()),
                ('is_public', models.BooleanField()),
                ('salt', models.BinaryField()),
                ('txid', models.BigIntegerField(help_text='of the transaction; what lies below the oldest running one may be sealed')),
            ],
            options={
                'verbose_name_plural': 'entries',
                'indexes': [models.Index(fields=['town_id', 'txid', 'id'], name='entry_order'), models.Index(fields=['town_id', 'subject', 'id'], name='entry_subject'), models.Index(condition=models.Q(('is_public', True)), fields=['town_id', 'kind', 'id'], name='entry_kind')],
            },
        ),
        migrations.CreateModel(
            name='Leaf',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('town_id', models.BigIntegerField()),
                ('index', models.BigIntegerField()),
                ('entry_id', models.BigIntegerField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'verbose_name_plural': 'leaves',
                'constraints': [models.UniqueConstraint(fields=('town_id', 'index'), name='one_leaf_per_index'), models.UniqueConstraint(fields=('town_id', 'entry_id'), name='one_leaf_per_entry')],
            },
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('town_id', models.BigIntegerField()),
                ('level', models.SmallIntegerField()),
                ('number', models.BigIntegerField()),
                ('data', models.BinaryField()),
                ('root', models.BinaryField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town_id', 'level', 'number'), name='one_tile_per_place')],
            },
        ),
    ]
