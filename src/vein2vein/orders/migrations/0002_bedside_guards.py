"""What the database itself refuses (N5, N6): a dose bag or infusion off the order's thread, unreleased or unmatched."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION orders_order_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.patient_id, new.definition_id, new.hospital_id)
        IS DISTINCT FROM (old.patient_id, old.definition_id, old.hospital_id) THEN
        RAISE EXCEPTION 'patient, hospital and definition of an order are fixed'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_order_fixed';
    END IF;
    IF tg_op = 'UPDATE' AND old.coi_id IS NOT NULL AND new.coi_id IS DISTINCT FROM old.coi_id THEN
        RAISE EXCEPTION 'the chain of identity of an order is fixed'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_order_fixed';
    END IF;
    IF new.coi_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM identity_chain c WHERE c.id = new.coi_id AND c.patient_id = new.patient_id
    ) THEN
        RAISE EXCEPTION 'the chain of identity is another patient''s'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_order_thread';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_order_thread BEFORE INSERT OR UPDATE ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_order_thread();

CREATE FUNCTION orders_bag_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.order_id, new.container_id, new.cells) IS DISTINCT FROM
        (old.order_id, old.container_id, old.cells) THEN
        RAISE EXCEPTION 'a dose bag is fixed' USING ERRCODE = '23514', CONSTRAINT = 'orders_bag_fixed';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM orders_order o JOIN identity_container c ON c.coi_id = o.coi_id
        WHERE o.id = new.order_id AND c.id = new.container_id AND c.kind = 'final_product'
            AND (tg_op = 'UPDATE' OR c.disposition = 'released')
    ) THEN
        RAISE EXCEPTION 'the container is not released product of this order''s chain of identity'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_bag_thread';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_bag_thread BEFORE INSERT OR UPDATE ON orders_dosebag
    FOR EACH ROW EXECUTE FUNCTION orders_bag_thread();

CREATE FUNCTION orders_infusion_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM orders_dosebag b
        JOIN orders_order o ON o.id = b.order_id
        JOIN identity_container c ON c.id = b.container_id AND c.coi_id = o.coi_id
        WHERE b.id = new.bag_id AND b.order_id = new.order_id AND b.matched_at IS NOT NULL
            AND o.state = 'thawed' AND o.rfi_number <> '' AND c.disposition = 'released'
    ) THEN
        RAISE EXCEPTION 'the bag is not this order''s, not released, or not matched at the bedside'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_infusion_gate';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_infusion_gate BEFORE INSERT ON orders_infusion
    FOR EACH ROW EXECUTE FUNCTION orders_infusion_gate();

CREATE FUNCTION orders_infusion_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.order_id, new.bag_id, new.started_at) IS DISTINCT FROM (old.order_id, old.bag_id, old.started_at) THEN
        RAISE EXCEPTION 'an infusion is fixed' USING ERRCODE = '23514', CONSTRAINT = 'orders_infusion_fixed';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_infusion_fixed BEFORE UPDATE ON orders_infusion
    FOR EACH ROW EXECUTE FUNCTION orders_infusion_fixed();
"""

UNDO = """
DROP TRIGGER orders_order_thread ON orders_order; DROP FUNCTION orders_order_thread();
DROP TRIGGER orders_bag_thread ON orders_dosebag; DROP FUNCTION orders_bag_thread();
DROP TRIGGER orders_infusion_gate ON orders_infusion; DROP FUNCTION orders_infusion_gate();
DROP TRIGGER orders_infusion_fixed ON orders_infusion; DROP FUNCTION orders_infusion_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("identity", "0002_one_thread")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
