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
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='unguessable name in addresses', max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=80)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('variants', models.JSONField(blank=True, default=dict, help_text='name → stored file')),
                ('stored', models.CharField(max_length=200)),
                ('added_by', models.CharField(max_length=60)),
                ('added_at', models.DateTimeField()),
                ('is_public', models.BooleanField(default=False, help_text='anybody with the address may see it')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'key'), name='one_attachment_per_key')],
            },
        ),
        own_by_town("attachments_attachment"),
    ]
