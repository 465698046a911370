"""What the database itself refuses: foreign or unreleased contents (N6), a shipment that changes its thread."""

from django.db import migrations

GUARDS = """
ALTER TABLE logistics_shipmentitem
    ADD CONSTRAINT logistics_item_shipment_on_chain
    FOREIGN KEY (shipment_id, coi_id) REFERENCES logistics_shipment (id, coi_id),
    ADD CONSTRAINT logistics_item_container_on_chain
    FOREIGN KEY (container_id, coi_id) REFERENCES identity_container (id, coi_id);

CREATE FUNCTION logistics_shipment_thread() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.order_id, new.coi_id, new.kind, new.code)
        IS DISTINCT FROM (old.order_id, old.coi_id, old.kind, old.code) THEN
        RAISE EXCEPTION 'order, chain of identity and kind of a shipment are fixed'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_shipment_fixed';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.id = new.order_id AND o.coi_id = new.coi_id) THEN
        RAISE EXCEPTION 'the order is on another chain of identity'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_shipment_thread';
    END IF;
    IF new.kind = 'product' AND new.state IN ('packed', 'in_transit')
        AND (EXISTS (
            SELECT 1 FROM logistics_shipmentitem i JOIN identity_container c ON c.id = i.container_id
            WHERE i.shipment_id = new.id AND (c.disposition <> 'released' OR c.kind <> 'final_product')
        ) OR EXISTS (SELECT 1 FROM orders_order o WHERE o.id = new.order_id AND o.rfi_number = '')) THEN
        RAISE EXCEPTION 'product leaves only when it is released for infusion'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_product_released';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_shipment_thread BEFORE INSERT OR UPDATE ON logistics_shipment
    FOR EACH ROW EXECUTE FUNCTION logistics_shipment_thread();

CREATE FUNCTION logistics_item_gate() RETURNS trigger LANGUAGE plpgsql
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
            OR (s.kind = 'product' AND c.kind = 'final_product' AND c.disposition = 'released' AND o.rfi_number <> '')
        )
    ) THEN
        RAISE EXCEPTION 'the container may not be in this shipment'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_gate';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_item_gate BEFORE INSERT OR UPDATE ON logistics_shipmentitem
    FOR EACH ROW EXECUTE FUNCTION logistics_item_gate();

CREATE FUNCTION logistics_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_kept';
END $$;
CREATE TRIGGER logistics_trace_kept BEFORE UPDATE OR DELETE ON logistics_trace
    FOR EACH ROW EXECUTE FUNCTION logistics_kept();
CREATE TRIGGER logistics_milestone_kept BEFORE UPDATE OR DELETE ON logistics_milestone
    FOR EACH ROW EXECUTE FUNCTION logistics_kept();
CREATE TRIGGER logistics_materialreceipt_kept BEFORE UPDATE OR DELETE ON logistics_materialreceipt
    FOR EACH ROW EXECUTE FUNCTION logistics_kept();

CREATE FUNCTION logistics_receipt_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s JOIN logistics_shipmentitem i ON i.shipment_id = s.id
        WHERE s.id = new.shipment_id AND s.state = 'received' AND s.kind = 'starting_material'
            AND i.container_id = new.container_id
    ) THEN
        RAISE EXCEPTION 'only received starting material whose excursions are reviewed is accepted'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_receipt_gate';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_receipt_gate BEFORE INSERT ON logistics_materialreceipt
    FOR EACH ROW EXECUTE FUNCTION logistics_receipt_gate();
"""

UNDO = """
DROP TRIGGER logistics_receipt_gate ON logistics_materialreceipt; DROP FUNCTION logistics_receipt_gate();
DROP TRIGGER logistics_materialreceipt_kept ON logistics_materialreceipt;
DROP TRIGGER logistics_milestone_kept ON logistics_milestone;
DROP TRIGGER logistics_trace_kept ON logistics_trace; DROP FUNCTION logistics_kept();
DROP TRIGGER logistics_item_gate ON logistics_shipmentitem; DROP FUNCTION logistics_item_gate();
DROP TRIGGER logistics_shipment_thread ON logistics_shipment; DROP FUNCTION logistics_shipment_thread();
ALTER TABLE logistics_shipmentitem DROP CONSTRAINT logistics_item_shipment_on_chain,
    DROP CONSTRAINT logistics_item_container_on_chain;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("logistics", "0001_initial"),
        ("orders", "0002_bedside_guards"),
        ("identity", "0002_one_thread"),
    ]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
