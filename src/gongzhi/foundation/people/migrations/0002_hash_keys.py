"""Hash keys that outlive their field key. Towns that stand already are marked: their hashes were made without such keys."""

import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='HashKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='the field key it belongs to, by its name', max_length=40)),
                ('sealed_secret', models.BinaryField(blank=True, default=b'')),
                ('made_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'name'), name='one_hash_key_per_name')],
            },
        ),
        own_by_town("people_hashkey"),
        migrations.RunSQL(
            sql="INSERT INTO people_hashkey (town_id, name, sealed_secret, made_at) SELECT id, 'before', ''::bytea, now() FROM territory_town",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
