"""Mishaps on the way, material referred and judged, returns; the gates know them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import vein2vein.core.ids
from django.db import migrations, models


GATES = """
CREATE OR REPLACE FUNCTION logistics_item_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_op = 'UPDATE' THEN
        RAISE EXCEPTION 'what was packed stays recorded as it was'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_fixed';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s
        JOIN orders_order o ON o.id = s.order_id
        JOIN identity_container c ON c.id = new.container_id AND c.coi_id = s.coi_id AND c.state = 'active'
        WHERE s.id = new.shipment_id AND s.state IN ('planned', 'packed') AND (
            (s.kind = 'starting_material' AND c.kind = 'starting_material')
            OR (s.kind = 'return' AND c.kind = 'final_product' AND c.disposition = 'quarantined')
            OR (s.kind = 'product' AND c.kind = 'final_product' AND c.disposition = 'released' AND o.rfi_number <> '')
        )
    ) THEN
        RAISE EXCEPTION 'the container may not be in this shipment'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_gate';
    END IF;
    RETURN new;
END $$;
CREATE OR REPLACE FUNCTION logistics_receipt_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s JOIN logistics_shipmentitem i ON i.shipment_id = s.id
        WHERE s.id = new.shipment_id AND s.state = 'received' AND s.kind = 'starting_material'
            AND i.container_id = new.container_id
            AND EXISTS (SELECT 1 FROM logistics_trace t WHERE t.shipment_id = s.id
                AND (t.verdict = 'ok' OR s.review = 'accepted'))
    ) THEN
        RAISE EXCEPTION 'only received starting material whose excursions are reviewed is accepted'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_receipt_gate';
    END IF;
    IF EXISTS (
        SELECT 1 FROM identity_container c WHERE c.id = new.container_id AND c.expires_at < new.accepted_at
    ) THEN
        RAISE EXCEPTION 'starting material past its limit is not accepted'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_receipt_in_time';
    END IF;
    RETURN new;
END $$;
CREATE FUNCTION logistics_referral_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (new.shipment_id, new.container_id, new.total_cells, new.viable_cells, new.sha256)
        IS DISTINCT FROM (old.shipment_id, old.container_id, old.total_cells, old.viable_cells, old.sha256)
        OR (old.medical <> '' AND new.medical <> old.medical) OR (old.quality <> '' AND new.quality <> old.quality) THEN
        RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = '23514', CONSTRAINT = 'logistics_referral_kept';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_referral_kept BEFORE UPDATE ON logistics_materialreferral
    FOR EACH ROW EXECUTE FUNCTION logistics_referral_kept();
ALTER TABLE logistics_materialreceipt ALTER COLUMN missed SET DEFAULT '{}';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0003_what_labels_say'),
        ('logistics', '0002_on_its_thread'),
        ('network', '0001_initial'),
        ('orders', '0003_ways_out'),
    ]

    operations = [
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=vein2vein.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('description', models.TextField()),
                ('expected_at', models.DateTimeField(null=True)),
                ('too_late', models.BooleanField(default=False)),
                ('reported_at', models.DateTimeField()),
                ('reported_by', models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name='MaterialReferral',
            fields=[
                ('id', models.UUIDField(default=vein2vein.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('missed', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('age_h', models.DecimalField(decimal_places=2, max_digits=10)),
                ('volume_ml', models.DecimalField(decimal_places=3, max_digits=12)),
                ('viability_percent', models.DecimalField(decimal_places=2, max_digits=5)),
                ('total_cells', models.DecimalField(decimal_places=0, max_digits=20)),
                ('viable_cells', models.DecimalField(decimal_places=0, max_digits=20)),
                ('counter_serial', models.TextField()),
                ('counted_at', models.DateTimeField()),
                ('filename', models.TextField()),
                ('sha256', models.TextField()),
                ('content', models.BinaryField()),
                ('referred_at', models.DateTimeField()),
                ('referred_by', models.UUIDField()),
                ('medical', models.TextField(blank=True, default='')),
                ('medical_reason', models.TextField(blank=True, default='')),
                ('medical_by', models.UUIDField(null=True)),
                ('quality', models.TextField(blank=True, default='')),
                ('quality_reason', models.TextField(blank=True, default='')),
                ('quality_by', models.UUIDField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='shipment',
            name='logistics_kind',
        ),
        migrations.RemoveConstraint(
            model_name='shipment',
            name='logistics_state',
        ),
        migrations.RemoveConstraint(
            model_name='shipment',
            name='logistics_one_shipment_of_a_kind',
        ),
        migrations.AddField(
            model_name='materialreceipt',
            name='missed',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None),
        ),
        migrations.AlterField(
            model_name='materialreceipt',
            name='shipment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='logistics.shipment'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['starting_material', 'product', 'return'])), name='logistics_kind'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['planned', 'cancelled', 'packed', 'in_transit', 'delivered', 'received', 'quarantined', 'rejected', 'lost'])), name='logistics_state'),
        ),
        migrations.AddConstraint(
            model_name='shipment',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['planned', 'packed', 'in_transit', 'delivered', 'quarantined'])), fields=('order', 'kind'), name='logistics_one_shipment_of_a_kind'),
        ),
        migrations.AddField(
            model_name='incident',
            name='shipment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='logistics.shipment'),
        ),
        migrations.AddField(
            model_name='materialreferral',
            name='container',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.container'),
        ),
        migrations.AddField(
            model_name='materialreferral',
            name='shipment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='logistics.shipment'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['delayed', 'tipped', 'damaged'])), name='logistics_incident_kind'),
        ),
        migrations.AddConstraint(
            model_name='materialreferral',
            constraint=models.CheckConstraint(condition=models.Q(('medical__in', ['', 'accepted', 'rejected']), ('quality__in', ['', 'accepted', 'rejected'])), name='logistics_referral_words'),
        ),
        migrations.AddConstraint(
            model_name='materialreferral',
            constraint=models.CheckConstraint(condition=models.Q(('medical_by__isnull', True), ('quality_by__isnull', True), models.Q(('medical_by', models.F('quality_by')), _negated=True), _connector='OR'), name='logistics_referral_two_people'),
        ),
        migrations.RunSQL(GATES, migrations.RunSQL.noop),
    ]
