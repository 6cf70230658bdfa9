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
            name='Feed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('host', models.CharField(max_length=200)),
                ('port', models.PositiveIntegerField(default=1883)),
                ('tls', models.BooleanField(default=False)),
                ('authority', models.TextField(blank=True, help_text="PEM of the broker's own certificate authority; empty: those of the system")),
                ('username', models.CharField(blank=True, max_length=120)),
                ('sealed_password', models.TextField(blank=True)),
                ('topic', models.CharField(help_text='topic filter, with $share/GROUP/ before it when several processes share the work', max_length=400)),
                ('qos', models.PositiveSmallIntegerField(default=1)),
                ('session_seconds', models.PositiveIntegerField(default=86400, help_text='how long the broker keeps what came while we were away')),
                ('is_active', models.BooleanField(default=True)),
                ('version', models.PositiveIntegerField(default=0, help_text='counts changes of the feed and its mappings, so that the process reads them again')),
                ('state', models.CharField(choices=[('waiting', '待连接'), ('connected', '已连接'), ('broken', '连接中断')], default='waiting', max_length=12)),
                ('state_at', models.DateTimeField(blank=True, null=True)),
                ('last_message_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('messages', models.BigIntegerField(default=0)),
                ('readings', models.BigIntegerField(default=0)),
                ('refused', models.BigIntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='FeedSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.CharField(max_length=80)),
                ('recent', models.BinaryField(default=bytes)),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feeds.feed')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Mapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(default=0)),
                ('definition', models.JSONField()),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='feeds.feed')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='RefusedMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField()),
                ('topic', models.CharField(max_length=400)),
                ('reason', models.CharField(max_length=300)),
                ('payload', models.BinaryField()),
                ('size', models.PositiveIntegerField()),
                ('feed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refusals', to='feeds.feed')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddConstraint(
            model_name='feed',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_feed_per_code'),
        ),
        migrations.AddConstraint(
            model_name='feed',
            constraint=models.CheckConstraint(condition=models.Q(('qos__in', [0, 1])), name='feed_qos_is_0_or_1'),
        ),
        migrations.AddConstraint(
            model_name='feedsession',
            constraint=models.UniqueConstraint(fields=('town', 'feed', 'client'), name='one_session_per_client'),
        ),
        migrations.AddConstraint(
            model_name='mapping',
            constraint=models.UniqueConstraint(fields=('town', 'feed', 'place'), name='one_mapping_per_place'),
        ),
        migrations.AddIndex(
            model_name='refusedmessage',
            index=models.Index(fields=['town', 'feed', '-received_at'], name='refused_message_newest'),
        ),
        own_by_town("feeds_feed"),
        own_by_town("feeds_mapping"),
        own_by_town("feeds_feedsession"),
        own_by_town("feeds_refusedmessage"),
    ]
