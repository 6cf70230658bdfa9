import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import APPLICATION_ROLE, POLICY

# the words of cases are asked as the tables' owner, whom no policy holds: behind a policy no index answers @@
WITH_WORDS = migrations.RunSQL(
    sql=[
        'CREATE FUNCTION case_ids_with_words(tsquery, integer) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp'
        f' AS $asked$ SELECT id FROM cases_case WHERE {POLICY} AND search @@ $1 LIMIT $2 $asked$',
        'REVOKE EXECUTE ON FUNCTION case_ids_with_words(tsquery, integer) FROM PUBLIC',
        f'GRANT EXECUTE ON FUNCTION case_ids_with_words(tsquery, integer) TO {APPLICATION_ROLE}',
    ],
    reverse_sql=['DROP FUNCTION case_ids_with_words(tsquery, integer)'],
)

# a category is of one life, a unit leads few categories, an officer works in few places: PostgreSQL takes them for independent
# of each other unless it is told to look, and then expects rows soon that are not there
TOGETHER = [('life', 'category_id'), ('life', 'lead_id'), ('life', 'handler_id'), ('category_id', 'handler_id'), ('area_id', 'handler_id'), ('area_id', 'life')]
STATISTICS = migrations.RunSQL(
    sql=[f'CREATE STATISTICS case_{one}_{other} (mcv) ON {one}, {other} FROM cases_case' for one, other in TOGETHER],
    reverse_sql=[f'DROP STATISTICS case_{one}_{other}' for one, other in TOGETHER],
)


class Migration(migrations.Migration):
    """One index for each thing that lists of cases ask, in their order; none that nothing asks."""

    dependencies = [
        ('cases', '0007_tasks_results_parties'),
        ('organs', '0002_what_roles_may_do'),
        ('people', '0006_towns_with_erasures'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_lead',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_repeats',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_raised_by',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_involved',
        ),
        migrations.AlterField(
            model_name='case',
            name='area',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.area'),
        ),
        migrations.AlterField(
            model_name='case',
            name='category',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.category'),
        ),
        migrations.AlterField(
            model_name='case',
            name='holder',
            field=models.ForeignKey(blank=True, db_index=False, help_text='the one organ that must act now', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ'),
        ),
        migrations.AlterField(
            model_name='case',
            name='lead',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ'),
        ),
        migrations.AlterField(
            model_name='case',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case'),
        ),
        migrations.AlterField(
            model_name='case',
            name='part_of',
            field=models.ForeignKey(blank=True, db_index=False, help_text='the case that this one is a part of', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case'),
        ),
        migrations.AlterField(
            model_name='case',
            name='procedure',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.procedure'),
        ),
        migrations.AlterField(
            model_name='case',
            name='raised_for',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organs.organ'),
        ),
        migrations.AlterField(
            model_name='case',
            name='referred_from',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case'),
        ),
        migrations.AlterField(
            model_name='case',
            name='responsibility',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.responsibility'),
        ),
        migrations.AlterField(
            model_name='case',
            name='town',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='territory.town'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['town', 'next_due_at', 'id'], name='case_ever_due'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['town', 'category', '-opened_at', '-id'], name='case_category'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['town', 'area', '-opened_at', '-id'], name='case_area'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['town', 'lead', '-opened_at', '-id'], name='case_lead'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['town', 'state', '-opened_at', '-id'], name='case_state'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('kind', 'report'), _negated=True), fields=['town', 'kind', '-opened_at', '-id'], name='case_kind'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('origin', 'resident'), _negated=True), fields=['town', 'origin', '-opened_at', '-id'], name='case_origin'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('overdue_at__isnull', False)), fields=['town', 'state', '-opened_at', '-id'], name='case_late'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('unlocated', True)), fields=['town', '-opened_at', '-id'], name='case_unlocated'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('raised_for__isnull', False)), fields=['town', 'raised_for'], name='case_raised_for'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['town', 'merged_into'], name='case_merged'),
        ),
        WITH_WORDS,
        STATISTICS,
    ]
