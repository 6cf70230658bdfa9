import django.db.models.deletion
from decimal import Decimal
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organs', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('use', models.CharField(choices=[('paddy', '水田'), ('farm', '其他农用地'), ('homes', '第一类建设用地'), ('industry', '第二类建设用地')], max_length=8)),
                ('hectares', models.DecimalField(blank=True, decimal_places=3, max_digits=10, null=True)),
                ('longitude', models.FloatField()),
                ('latitude', models.FloatField()),
                ('registered_at', models.DateTimeField()),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('organ', models.ForeignKey(blank=True, help_text='who uses the ground', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40)),
                ('taken_on', models.DateField()),
                ('depth', models.CharField(blank=True, help_text='cm, such as 0–20', max_length=20)),
                ('ph', models.FloatField(blank=True, null=True)),
                ('laboratory', models.CharField(blank=True, max_length=80)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.CharField(max_length=80)),
                ('plot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='wastes.plot')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='SampleValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=12)),
                ('value', models.FloatField()),
                ('sample', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='wastes.sample')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Waste',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('code', models.CharField(help_text='HW49 900-041-49 of the national list; for general solid waste the code as the firm files it', max_length=20)),
                ('is_hazardous', models.BooleanField()),
                ('store', models.CharField(blank=True, help_text='where it is stored', max_length=120)),
                ('tolerance', models.DecimalField(decimal_places=4, default=Decimal('0.005'), help_text='tonnes by which weighing may differ', max_digits=8)),
                ('opened_on', models.DateField()),
                ('opening', models.DecimalField(decimal_places=4, help_text='tonnes in stock when the ledger began', max_digits=14)),
                ('approved_until', models.DateField(blank=True, help_text='an approval to store longer than a year ends on this day', null=True)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Count',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('weighed', models.DecimalField(decimal_places=4, max_digits=14)),
                ('difference', models.DecimalField(decimal_places=4, help_text='book less weighed, tonnes: missing if above nought', max_digits=14)),
                ('is_flagged', models.BooleanField(default=False, help_text='beyond the tolerance')),
                ('explanation', models.CharField(blank=True, max_length=400)),
                ('counted_at', models.DateTimeField()),
                ('counted_by', models.CharField(max_length=80)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('waste', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='wastes.waste')),
            ],
        ),
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('produced', '产生'), ('received', '接收'), ('moved', '转移'), ('used', '利用'), ('disposed', '处置')], max_length=8)),
                ('on', models.DateField()),
                ('amount', models.DecimalField(decimal_places=4, help_text='tonnes', max_digits=14)),
                ('manifest', models.CharField(blank=True, help_text='转移联单编号', max_length=40)),
                ('carrier', models.CharField(blank=True, max_length=80)),
                ('partner', models.CharField(blank=True, help_text='who received it, or from whom it came', max_length=80)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('booked_at', models.DateTimeField()),
                ('booked_by', models.CharField(max_length=80)),
                ('struck_at', models.DateTimeField(blank=True, null=True)),
                ('struck_by', models.CharField(blank=True, max_length=80)),
                ('strike_reason', models.CharField(blank=True, max_length=200)),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
                ('waste', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='wastes.waste')),
            ],
        ),
        migrations.AddConstraint(
            model_name='plot',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_plot_per_code'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(fields=['town', 'plot', '-taken_on'], name='sample_newest'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.UniqueConstraint(fields=('town', 'number'), name='one_sample_per_number'),
        ),
        migrations.AddConstraint(
            model_name='samplevalue',
            constraint=models.UniqueConstraint(fields=('town', 'sample', 'item'), name='one_value_per_item'),
        ),
        migrations.AddConstraint(
            model_name='waste',
            constraint=models.UniqueConstraint(fields=('town', 'organ', 'code', 'name'), name='one_ledger_per_waste'),
        ),
        migrations.AddConstraint(
            model_name='waste',
            constraint=models.CheckConstraint(condition=models.Q(('opening__gte', 0), ('tolerance__gte', 0)), name='waste_is_not_negative'),
        ),
        migrations.AddIndex(
            model_name='count',
            index=models.Index(fields=['town', 'waste', '-on'], name='count_newest'),
        ),
        migrations.AddConstraint(
            model_name='count',
            constraint=models.UniqueConstraint(fields=('town', 'waste', 'on'), name='one_count_a_day'),
        ),
        migrations.AddConstraint(
            model_name='count',
            constraint=models.CheckConstraint(condition=models.Q(('weighed__gte', 0)), name='count_is_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='count',
            constraint=models.CheckConstraint(condition=models.Q(('is_flagged', False), models.Q(('explanation', ''), _negated=True), _connector='OR'), name='flagged_count_is_explained'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['town', 'waste', '-on', '-id'], name='booking_newest'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='booking_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'moved'), ('struck_at__isnull', True), models.Q(('manifest', ''), _negated=True)), fields=('town', 'manifest'), name='one_move_per_manifest'),
        ),
        own_by_town("wastes_plot"),
        own_by_town("wastes_sample"),
        own_by_town("wastes_samplevalue"),
        own_by_town("wastes_waste"),
        own_by_town("wastes_count"),
        own_by_town("wastes_booking"),
    ]
