import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('door', models.CharField(choices=[('page', '网页'), ('api', '接口'), ('open311', 'Open311'), ('import', '导入')], default='page', max_length=10)),
                ('client', models.CharField(blank=True, help_text='name of the program that sent it', max_length=60)),
                ('suggested', models.CharField(blank=True, help_text='code of the first suggestion', max_length=20)),
                ('confidence', models.FloatField(blank=True, null=True)),
                ('taken', models.BooleanField(default=False, help_text='the suggestion was taken')),
                ('contact_agreed_at', models.DateTimeField(blank=True, help_text='a phone or e-mail was left to be asked back', null=True)),
                ('media_url', models.CharField(blank=True, help_text='picture elsewhere that the sender named; kept as a link, not fetched', max_length=400)),
                ('filed_at', models.DateTimeField()),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'indexes': [models.Index(fields=['town', 'case'], name='filing_case')],
            },
        ),
        own_by_town("reports_filing"),
    ]
