"""An order has one batch under way; rejected and closed ones stand beside it."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0003_what_labels_say'),
        ('manufacturing', '0003_materials_fit_lot'),
        ('network', '0001_initial'),
        ('orders', '0003_ways_out'),
        ('therapies', '0002_content_never_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='batch',
            name='manufacturing_batch_one_an_order',
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'completed', 'reviewed'])), fields=('order',), name='manufacturing_batch_one_an_order'),
        ),
    ]
