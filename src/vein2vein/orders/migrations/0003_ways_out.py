"""Ways out: stopped courses and their decisions, obstacles, several collections, withdrawn bags, ended causes."""

import django.db.models.deletion
import vein2vein.core.ids
from django.db import migrations, models


DEFAULTS = """
ALTER TABLE orders_collection ALTER COLUMN ordinal SET DEFAULT 1;
ALTER TABLE orders_dosebag ALTER COLUMN withdrawn_reason SET DEFAULT '';
ALTER TABLE orders_order ALTER COLUMN end_cause SET DEFAULT '', ALTER COLUMN reduced_dose SET DEFAULT false;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0003_what_labels_say'),
        ('network', '0001_initial'),
        ('orders', '0002_bedside_guards'),
        ('therapies', '0002_content_never_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Interruption',
            fields=[
                ('id', models.UUIDField(default=vein2vein.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('cause', models.TextField()),
                ('reason', models.TextField()),
                ('from_state', models.TextField()),
                ('stopped_at', models.DateTimeField()),
                ('decision', models.TextField(blank=True, default='')),
                ('decision_reason', models.TextField(blank=True, default='')),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Obstacle',
            fields=[
                ('id', models.UUIDField(default=vein2vein.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('reason', models.TextField()),
                ('reported_at', models.DateTimeField()),
                ('reported_by', models.UUIDField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.UUIDField(null=True)),
                ('lift_reason', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='followupvisit',
            name='orders_visit_state',
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='orders_order_state',
        ),
        migrations.AddField(
            model_name='collection',
            name='failed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='collection',
            name='ordinal',
            field=models.IntegerField(default=1),
        ),
        migrations.AddField(
            model_name='dosebag',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='dosebag',
            name='withdrawn_reason',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='infusion',
            name='interrupted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='end_cause',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='order',
            name='ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='reduced_dose',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='collection',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='orders.order'),
        ),
        migrations.AddConstraint(
            model_name='collection',
            constraint=models.UniqueConstraint(fields=('order', 'ordinal'), name='orders_collection_in_line'),
        ),
        migrations.AddConstraint(
            model_name='collection',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('failed_at__isnull', True)), fields=('order',), name='orders_collection_one_running'),
        ),
        migrations.AddConstraint(
            model_name='followupvisit',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['due', 'held', 'missed', 'waived'])), name='orders_visit_state'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['drafted', 'submitted', 'accepted', 'collecting', 'collected', 'in_transit', 'received', 'material_accepted', 'in_manufacture', 'manufactured', 'released', 'dispatched', 'at_site', 'cleared', 'thawed', 'infused', 'closed', 'stopped', 'cancelled'])), name='orders_order_state'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('cleared_at__isnull', True), models.Q(('at_site_at__isnull', False), models.Q(('rfi_number', ''), _negated=True)), _connector='OR'), name='orders_order_cleared_when_secured'),
        ),
        migrations.AddField(
            model_name='interruption',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='interruptions', to='orders.order'),
        ),
        migrations.AddField(
            model_name='obstacle',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='obstacles', to='orders.order'),
        ),
        migrations.AddConstraint(
            model_name='interruption',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('order',), name='orders_one_open_interruption'),
        ),
        migrations.AddConstraint(
            model_name='interruption',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['collection_failed', 'material_rejected', 'shipment_lost', 'batch_terminated', 'batch_rejected', 'product_rejected', 'product_recalled', 'infusion_refused'])), name='orders_stop_cause'),
        ),
        migrations.AddConstraint(
            model_name='interruption',
            constraint=models.CheckConstraint(condition=models.Q(('decided_at__isnull', True), models.Q(('decision', ''), _negated=True), _connector='OR'), name='orders_interruption_decided'),
        ),
        migrations.AddConstraint(
            model_name='obstacle',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('order', 'kind'), name='orders_obstacle_once_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='obstacle',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['patient_unfit', 'site_not_ready'])), name='orders_obstacle_kind'),
        ),
        migrations.RunSQL(DEFAULTS, migrations.RunSQL.noop),
    ]
