import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('title', models.CharField(max_length=200)),
                ('params', models.JSONField(blank=True, default=dict)),
                ('text', models.TextField(blank=True)),
                ('url', models.CharField(blank=True, max_length=200)),
                ('case_id', models.BigIntegerField(blank=True, null=True)),
                ('dedupe', models.CharField(blank=True, help_text='the same key is given once to a person', max_length=80)),
                ('made_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'person', '-made_at', '-id'], name='notice_newest'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['town', 'person'], name='notice_unread')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('dedupe', ''), _negated=True), fields=('town', 'person', 'dedupe'), name='one_notice_per_key')],
            },
        ),
        own_by_town("notices_notice"),
    ]
