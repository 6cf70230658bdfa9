import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0001_initial'),
        ('people', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80)),
                ('endpoint', models.CharField(max_length=600)),
                ('fingerprint', models.CharField(max_length=64)),
                ('p256dh', models.CharField(max_length=100)),
                ('auth', models.CharField(max_length=40)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'fingerprint'), name='one_device_per_endpoint')],
                'indexes': [models.Index(fields=['town', 'person'], name='device_person')],
            },
        ),
        migrations.AlterField(
            model_name='delivery',
            name='channel',
            field=models.CharField(choices=[('mail', '邮件'), ('webhook', '网关'), ('push', '推送')], max_length=8),
        ),
        own_by_town("notices_device"),
    ]
