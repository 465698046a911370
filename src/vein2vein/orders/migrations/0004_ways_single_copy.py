"""Who accepted that there is one copy of a patient's product (N19)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_ways_out'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='single_copy_accepted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='single_copy_accepted_by',
            field=models.UUIDField(null=True),
        ),
    ]
