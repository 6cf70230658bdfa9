import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organs', '0002_what_roles_may_do'),
        ('people', '0005_acts_of_two'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Firm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, help_text='unified social credit code; empty while it is not known', max_length=18)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('name_key', models.CharField(max_length=120)),
                ('industry', models.CharField(blank=True, help_text='class of GB/T 4754, two to four digits', max_length=4)),
                ('size', models.CharField(blank=True, choices=[('large', 'large'), ('medium', 'medium-sized'), ('small', 'small'), ('micro', 'micro')], max_length=8)),
                ('address', models.CharField(blank=True, max_length=200)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('legal_representative', models.CharField(blank=True, max_length=80)),
                ('registered_on', models.DateField(blank=True, null=True)),
                ('moved_in_on', models.DateField(blank=True, null=True)),
                ('left_on', models.DateField(blank=True, help_text='the first day on which it is here no longer', null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('entered_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, help_text='the grid of its premises', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('organ', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('park', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='FirmContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('legal', 'legal representative'), ('liaison', 'liaison'), ('finance', 'finance'), ('safety', 'work safety'), ('environment', 'environment'), ('staff', 'personnel')], max_length=12)),
                ('name_sealed', models.BinaryField()),
                ('phone_sealed', models.BinaryField(blank=True, default=b'')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='firms.firm')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='FirmFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=12)),
                ('period', models.CharField(choices=[('month', '月'), ('quarter', '季'), ('year', '年')], max_length=7)),
                ('starts_on', models.DateField()),
                ('amount', models.DecimalField(decimal_places=3, max_digits=18)),
                ('source', models.CharField(max_length=120)),
                ('basis', models.CharField(max_length=200)),
                ('by', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('is_current', models.BooleanField(default=True)),
                ('firm', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='firms.firm')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddIndex(
            model_name='firm',
            index=models.Index(fields=['town', 'name_key'], name='firm_name'),
        ),
        migrations.AddIndex(
            model_name='firm',
            index=models.Index(fields=['town', 'industry'], name='firm_industry'),
        ),
        migrations.AddConstraint(
            model_name='firm',
            constraint=models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('town', 'code'), name='one_firm_per_code'),
        ),
        migrations.AddIndex(
            model_name='firmcontact',
            index=models.Index(fields=['town', 'firm'], name='firm_contact_firm'),
        ),
        migrations.AddConstraint(
            model_name='firmcontact',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True)), fields=('town', 'firm', 'role'), name='one_firm_contact_per_role'),
        ),
        migrations.AddConstraint(
            model_name='firmfigure',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('town', 'firm', 'measure', 'period', 'starts_on'), name='one_figure_per_period'),
        ),
        migrations.AddConstraint(
            model_name='firmfigure',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='firm_figure_is_not_negative'),
        ),
        own_by_town("firms_firm"),
        own_by_town("firms_firmcontact"),
        own_by_town("firms_firmfigure"),
    ]
