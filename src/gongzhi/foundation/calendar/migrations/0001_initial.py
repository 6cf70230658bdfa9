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
            name='DayException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('is_working', models.BooleanField()),
                ('reason', models.CharField(max_length=80)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'day'), name='one_exception_per_day')],
            },
        ),
        migrations.CreateModel(
            name='OfficeHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField()),
                ('shifts', models.JSONField(help_text='[["08:30", "12:00"], ["13:30", "17:00"]]')),
                ('reason', models.CharField(blank=True, max_length=120)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'verbose_name_plural': 'office hours',
                'constraints': [models.UniqueConstraint(fields=('town', 'valid_from'), name='one_office_hours_per_day')],
            },
        ),
        own_by_town("calendar_dayexception"),
        own_by_town("calendar_officehours"),
    ]
