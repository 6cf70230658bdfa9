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
            name='Organ',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('committee', '管委会'), ('department', '职能部门'), ('subdistrict', '街道办'), ('station', '社区工作站'), ('stewards', '小镇管家'), ('operator', '运营服务商'), ('council', '自治委员会'), ('enterprise', '企业'), ('social', '社会组织'), ('superior', '上级政府')], max_length=12)),
                ('code', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('duty_phone', models.CharField(blank=True, max_length=40)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('resident', '居民'), ('enterprise_contact', '企业联系人'), ('grid_worker', '网格员'), ('station_officer', '站所经办'), ('department_officer', '部门经办'), ('dispatcher', '指挥调度'), ('supervisor', '监督'), ('committee_member', '管委会成员'), ('steward', '小镇管家'), ('operator_staff', '运营商人员'), ('council_member', '自治委员'), ('auditor', '审计'), ('administrator', '系统管理员')], max_length=20)),
                ('title', models.CharField(blank=True, help_text='what others read, such as 经办岗 03', max_length=40)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area')),
                ('organ', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
        ),
        migrations.AddConstraint(
            model_name='organ',
            constraint=models.UniqueConstraint(fields=('town', 'code'), name='one_organ_per_code'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['town', 'person'], name='post_person'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['town', 'organ', 'role'], name='post_organ'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='post_ends_after_start'),
        ),
        own_by_town("organs_organ"),
        own_by_town("organs_post"),
    ]
