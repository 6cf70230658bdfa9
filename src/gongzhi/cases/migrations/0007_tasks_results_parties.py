import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

ROLES = [
    ('raiser', '提出人'), ('applicant', '申请人'), ('co_applicant', '共同申请人'), ('agent', '代理人'), ('respondent', '对方当事人'), ('beneficiary', '受益人'),
    ('mediator', '调解员'), ('organ', '参与单位'), ('follower', '跟进人'),
]
STATES = [('asked', '待办'), ('stopped', '停表'), ('answered', '已办'), ('returned', '已退'), ('cancelled', '已撤')]


class Migration(migrations.Migration):
    """Joined units and orders become tasks; cases learn results, parties with roles, parts; clocks learn what happens by itself."""

    dependencies = [
        ('attachments', '0001_initial'),
        ('cases', '0006_towns_with_clocks_due'),
        ('organs', '0001_initial'),
    ]

    operations = [
        # joined units → tasks
        migrations.RemoveConstraint(model_name='cohandling', name='one_running_task_per_unit'),
        migrations.RenameModel(old_name='CoHandling', new_name='Task'),
        migrations.RenameField(model_name='task', old_name='task', new_name='title'),
        migrations.RenameField(model_name='clock', old_name='co_handling', new_name='task'),
        migrations.RenameIndex(model_name='task', old_name='co_handling_organ', new_name='task_organ'),
        migrations.AlterField(model_name='task', name='case', field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='cases.case')),
        migrations.AlterField(model_name='task', name='organ', field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
        migrations.AlterField(model_name='task', name='state', field=models.CharField(choices=STATES, default='asked', max_length=10)),
        migrations.AddField(model_name='task', name='party', field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.party')),
        migrations.AddField(model_name='task', name='stage', field=models.CharField(blank=True, help_text='the stage that opened it; empty for one that somebody asked for', max_length=30)),
        migrations.AddField(model_name='task', name='code', field=models.CharField(blank=True, max_length=30)),
        migrations.AddField(model_name='task', name='asks', field=models.CharField(default='work', help_text='work, opinion, check, payment, review, order, document', max_length=10)),
        migrations.AddField(model_name='task', name='verdict', field=models.CharField(blank=True, choices=[('agreed', '同意'), ('conditional', '附条件同意'), ('refused', '不同意')], max_length=12)),
        migrations.RunSQL("UPDATE cases_task SET asks = 'order' WHERE is_order", "UPDATE cases_task SET is_order = true WHERE asks = 'order'"),
        migrations.RemoveField(model_name='task', name='is_order'),
        migrations.AddConstraint(model_name='task', constraint=models.UniqueConstraint(condition=models.Q(('code', ''), ('state__in', ['asked', 'stopped'])), fields=('case', 'organ'), name='one_running_task_per_unit')),
        migrations.AddConstraint(model_name='task', constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asked', 'stopped']), models.Q(('code', ''), _negated=True)), fields=('case', 'stage', 'code'), name='one_running_task_per_stage')),
        migrations.AddConstraint(model_name='task', constraint=models.CheckConstraint(condition=models.Q(('organ__isnull', False), ('party__isnull', False), _connector='OR'), name='task_is_somebodys')),
        migrations.AddIndex(model_name='task', index=models.Index(condition=models.Q(('party__isnull', False), ('state__in', ['asked', 'stopped'])), fields=['town', 'party'], name='task_party')),
        # clocks and stops
        migrations.AddField(model_name='clock', name='then', field=models.CharField(blank=True, help_text='of a timed outcome: what the clock does when it has run out', max_length=30)),
        migrations.AlterField(model_name='clock', name='of', field=models.CharField(choices=[('case', '事项'), ('stage', '环节'), ('join', '任务'), ('follow_up', '回访整改'), ('timed', '到期自动办理')], max_length=10)),
        migrations.AddField(model_name='stop', name='task', field=models.ForeignKey(blank=True, help_text="only this task's clock stands", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.task')),
        migrations.AddField(model_name='stop', name='stage', field=models.CharField(blank=True, help_text="the stage in which the case's own clock stands; the stage's own clock runs", max_length=30)),
        migrations.AlterField(model_name='stop', name='ground', field=models.CharField(choices=[('correction', '等申请人补正'), ('public_notice', '公示'), ('expert_review', '专家评审'), ('hearing', '听证'), ('inspection', '检验检测'), ('force_majeure', '不可抗力')], max_length=16)),
        migrations.RemoveConstraint(model_name='stop', name='one_running_stop_per_case'),
        migrations.AddConstraint(model_name='stop', constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('task__isnull', True)), fields=('case',), name='one_running_stop_per_case')),
        migrations.AddConstraint(model_name='stop', constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('task__isnull', False)), fields=('task',), name='one_running_stop_per_task')),
        # cases
        migrations.AddField(model_name='case', name='stage_since', field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name='case', name='waits_for', field=models.CharField(blank=True, help_text='role of the party that must act now; empty where an organ must', max_length=14)),
        migrations.AddField(model_name='case', name='result', field=models.CharField(blank=True, help_text='named result of the kind: grant, refuse, settled …', max_length=30)),
        migrations.AddField(model_name='case', name='result_type', field=models.CharField(blank=True, help_text='how figures count it: positive, partly, negative, neutral', max_length=10)),
        migrations.AddField(model_name='case', name='part_of', field=models.ForeignKey(blank=True, help_text='the case that this one is a part of', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
        migrations.AddIndex(model_name='case', index=models.Index(condition=models.Q(('part_of__isnull', False)), fields=['town', 'part_of'], name='case_parts')),
        migrations.AlterField(model_name='step', name='act', field=models.CharField(max_length=40)),
        migrations.AddField(model_name='stepattachment', name='name', field=models.CharField(blank=True, help_text='what the procedure calls it: decision, notice, evidence …', max_length=30)),
        migrations.AddField(model_name='category', name='kinds', field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, help_text='kinds of case it is for; empty: all that have categories', size=None)),
        # parties
        migrations.AddField(model_name='party', name='role', field=models.CharField(choices=ROLES, default='raiser', max_length=14)),
        migrations.AddField(model_name='party', name='organ', field=models.ForeignKey(blank=True, help_text='a firm or unit that has this part', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ')),
        migrations.AddField(model_name='party', name='acts_for', field=models.ForeignKey(blank=True, help_text='whom an agent acts for', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.party')),
        migrations.AddField(model_name='party', name='authority', field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='attachments.attachment')),
        migrations.AddField(model_name='party', name='valid_from', field=models.DateField(blank=True, null=True)),
        migrations.AddField(model_name='party', name='valid_until', field=models.DateField(blank=True, help_text="last day of an agent's authority", null=True)),
        migrations.AddField(model_name='party', name='ended_at', field=models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(model_name='party', name='via', field=models.CharField(choices=[('raised', '提出'), ('merged', '并入'), ('follows', '跟进'), ('named', '列名')], default='raised', max_length=10)),
        migrations.RunSQL("UPDATE cases_party SET role = 'follower' WHERE via = 'follows'", migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name='party', name='one_party_per_person'),
        migrations.AddConstraint(model_name='party', constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('person__isnull', False)), fields=('case', 'person'), name='one_party_per_person')),
        migrations.AddIndex(model_name='party', index=models.Index(condition=models.Q(('person__isnull', False)), fields=['town', 'person'], name='party_person')),
        migrations.AddIndex(model_name='party', index=models.Index(condition=models.Q(('organ__isnull', False)), fields=['town', 'organ'], name='party_organ')),
    ]
