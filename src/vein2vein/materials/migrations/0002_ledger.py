"""The ledger adds up, and none of its rows is ever changed."""

from django.db import migrations

GUARDS = r"""
CREATE FUNCTION materials_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: the ledger is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
CREATE TRIGGER materials_movement_keep BEFORE UPDATE OR DELETE ON materials_movement
    FOR EACH ROW EXECUTE FUNCTION materials_keep();

CREATE FUNCTION materials_add_up() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last_ordinal int; last_on_hand numeric; last_reserved numeric;
BEGIN
    PERFORM 1 FROM public.materials_lot WHERE id = NEW.lot_id FOR UPDATE;
    SELECT ordinal, on_hand_after, reserved_after INTO last_ordinal, last_on_hand, last_reserved
    FROM public.materials_movement WHERE lot_id = NEW.lot_id ORDER BY ordinal DESC LIMIT 1;
    IF NEW.ordinal <> coalesce(last_ordinal, 0) + 1
        OR NEW.on_hand_after <> coalesce(last_on_hand, 0) + NEW.quantity
        OR NEW.reserved_after <> coalesce(last_reserved, 0) + NEW.reserved
    THEN
        RAISE EXCEPTION 'the ledger of lot % does not add up', NEW.lot_id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_movement_adds_up';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_movement_adds_up BEFORE INSERT ON materials_movement
    FOR EACH ROW EXECUTE FUNCTION materials_add_up();

CREATE FUNCTION materials_agree() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stands record; last record;
BEGIN
    SELECT on_hand, reserved INTO stands FROM public.materials_lot WHERE id = NEW.id;
    SELECT on_hand_after, reserved_after INTO last
    FROM public.materials_movement WHERE lot_id = NEW.id ORDER BY ordinal DESC LIMIT 1;
    IF stands.on_hand <> coalesce(last.on_hand_after, 0) OR stands.reserved <> coalesce(last.reserved_after, 0) THEN
        RAISE EXCEPTION 'lot % does not agree with its ledger', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_lot_agrees';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER materials_lot_agrees AFTER INSERT OR UPDATE ON materials_lot
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION materials_agree();
"""


class Migration(migrations.Migration):
    """Triggers on lots and movements."""

    dependencies = [("materials", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, migrations.RunSQL.noop)]
