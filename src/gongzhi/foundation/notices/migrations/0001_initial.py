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
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('mail', '邮件'), ('webhook', '网关')], max_length=8)),
                ('state', models.CharField(choices=[('waiting', '待发'), ('sent', '已发'), ('failed', '失败')], default='waiting', max_length=8)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.notice')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mail', models.CharField(choices=[('none', '不发邮件'), ('at_once', '即时'), ('daily', '每日一封')], default='none', max_length=8)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('webhook', models.BooleanField(default=False, help_text="through the town's gateway to SMS, WeCom or DingTalk")),
                ('last_digest_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'person'), name='one_choice_per_person')],
            },
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['town', 'person', '-made_at', '-id'], name='notice_newest'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['town', 'person'], name='notice_unread'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('dedupe', ''), _negated=True), fields=('town', 'person', 'dedupe'), name='one_notice_per_key'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['town', 'state', '-made_at'], name='delivery_state'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('town', 'notice', 'channel'), name='one_delivery_per_channel'),
        ),
        own_by_town("notices_choice"),
        own_by_town("notices_delivery"),
        own_by_town("notices_notice"),
    ]
