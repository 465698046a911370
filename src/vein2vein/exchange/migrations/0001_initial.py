"""Bundles that were received."""

import django.db.models.deletion
from django.db import migrations, models

import vein2vein.core.ids


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orders", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="ReceivedBundle",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=vein2vein.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hospital_code", models.TextField()),
                ("identifier", models.TextField()),
                ("digest", models.TextField()),
                ("filename", models.TextField()),
                ("received_at", models.DateTimeField()),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("hospital_code", "identifier"), name="exchange_bundle_once")
                ]
            },
        ),
    ]
