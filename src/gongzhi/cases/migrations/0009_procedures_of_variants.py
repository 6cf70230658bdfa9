from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_indexes_of_lists'),
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='procedure',
            name='one_procedure_per_version',
        ),
        migrations.AddField(
            model_name='procedure',
            name='variant',
            field=models.CharField(blank=True, db_default='', default='', help_text="whose own it is, where cases of a kind go different ways: a matter's code", max_length=60),
        ),
        migrations.AddConstraint(
            model_name='procedure',
            constraint=models.UniqueConstraint(fields=('town', 'kind', 'variant', 'version'), name='one_procedure_per_version'),
        ),
    ]
