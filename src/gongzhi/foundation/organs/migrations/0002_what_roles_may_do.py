import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):

    dependencies = [
        ('organs', '0001_initial'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RoleChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('resident', '居民'), ('enterprise_contact', '企业联系人'), ('grid_worker', '网格员'), ('station_officer', '站所经办'), ('department_officer', '部门经办'), ('dispatcher', '指挥调度'), ('supervisor', '监督'), ('committee_member', '管委会成员'), ('steward', '小镇管家'), ('operator_staff', '运营商人员'), ('council_member', '自治委员'), ('auditor', '审计'), ('administrator', '系统管理员')], max_length=20)),
                ('added', models.JSONField(default=list)),
                ('removed', models.JSONField(default=list)),
                ('changed_at', models.DateTimeField()),
                ('town', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('town', 'role'), name='one_change_per_role')],
            },
        ),
        own_by_town("organs_rolechange"),
    ]
