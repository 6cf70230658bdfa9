from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feeds', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='feed',
            name='topic',
            field=models.TextField(help_text='topic filters, one a line, with $share/GROUP/ before them when several processes share the work'),
        ),
    ]
