"""What the database itself forbids of lots: use of an expired, unreleased or wrong-market one (N7); rewriting them."""

from django.db import migrations

GUARDS = r"""
CREATE FUNCTION materials_recalled_ancestor(asked uuid) RETURNS uuid LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    WITH RECURSIVE above (id) AS (
        SELECT parent_id FROM public.materials_lotparentage WHERE child_id = asked
        UNION SELECT p.parent_id FROM above a JOIN public.materials_lotparentage p ON p.child_id = a.id)
    SELECT l.id FROM above a JOIN public.materials_lot l ON l.id = a.id WHERE l.state IN ('recalled', 'rejected') LIMIT 1
$$;

CREATE FUNCTION materials_fit_for_use() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lot record; broken text;
BEGIN
    SELECT state, expires_at INTO lot FROM public.materials_lot WHERE id = NEW.lot_id;
    IF lot.state <> 'released' THEN broken := 'released';
    ELSIF NEW.kind <> 'reservation' AND lot.expires_at <= NEW.moved_at THEN broken := 'in_date';
    ELSIF NEW.kind <> 'reservation' AND NOT EXISTS (
        SELECT FROM public.materials_lotmarket m
        WHERE m.lot_id = NEW.lot_id AND m.market = NEW.market AND m.released_at <= NEW.moved_at) THEN broken := 'market';
    ELSIF public.materials_recalled_ancestor(NEW.lot_id) IS NOT NULL THEN broken := 'ancestors';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'lot % is not fit for use (%)', NEW.lot_id, broken
            USING ERRCODE = '23514', CONSTRAINT = 'materials_movement_' || broken;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_movement_fit BEFORE INSERT ON materials_movement FOR EACH ROW
    WHEN (NEW.kind IN ('reservation', 'thaw', 'consumption')) EXECUTE FUNCTION materials_fit_for_use();

CREATE FUNCTION materials_market_of_released() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.materials_lot WHERE id = NEW.lot_id AND state = 'released') THEN
        RAISE EXCEPTION 'lot % is not released', NEW.lot_id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_lotmarket_released';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_lotmarket_released BEFORE INSERT ON materials_lotmarket
    FOR EACH ROW EXECUTE FUNCTION materials_market_of_released();

CREATE FUNCTION materials_parent_of_new() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.materials_lot WHERE id = NEW.child_id AND state = 'quarantined')
        OR EXISTS (SELECT FROM public.materials_lotparentage WHERE parent_id = NEW.child_id)
    THEN
        RAISE EXCEPTION 'what lot % was made from is told when it is received', NEW.child_id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_lotparentage_at_receipt';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_lotparentage_at_receipt BEFORE INSERT ON materials_lotparentage
    FOR EACH ROW EXECUTE FUNCTION materials_parent_of_new();

CREATE FUNCTION materials_keep_lot() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.code, NEW.material_code, NEW.kind, NEW.number, NEW.site_id, NEW.supplier, NEW.unit,
        NEW.vial_quantity, NEW.values, NEW.received_at, NEW.expires_at, NEW.certificate_sha256)
        IS DISTINCT FROM (OLD.id, OLD.code, OLD.material_code, OLD.kind, OLD.number, OLD.site_id, OLD.supplier, OLD.unit,
        OLD.vial_quantity, OLD.values, OLD.received_at, OLD.expires_at, OLD.certificate_sha256)
    THEN
        RAISE EXCEPTION 'what a lot was received as never changes' USING ERRCODE = '23514', CONSTRAINT = 'materials_lot_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_lot_kept BEFORE UPDATE ON materials_lot FOR EACH ROW EXECUTE FUNCTION materials_keep_lot();
CREATE TRIGGER materials_lot_certificate_kept BEFORE UPDATE OF certificate, certificate_filename ON materials_lot
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_lot_table BEFORE UPDATE ON materials_lot
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('quarantined>released', 'quarantined>rejected',
        'quarantined>recalled', 'released>recalled');
CREATE TRIGGER materials_holding_kept BEFORE UPDATE ON materials_holding
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'lot_id');
CREATE TRIGGER materials_holding_table BEFORE UPDATE ON materials_holding
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('held>used', 'held>released');
CREATE TRIGGER materials_thaw_kept BEFORE UPDATE ON materials_thaw
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'lot_id', 'holder', 'vials', 'thawed_at');
CREATE TRIGGER materials_thaw_table BEFORE UPDATE ON materials_thaw
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('thawed>used', 'thawed>discarded');

CREATE TRIGGER materials_lotmarket_keep BEFORE UPDATE OR DELETE ON materials_lotmarket
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_lotparentage_keep BEFORE UPDATE OR DELETE ON materials_lotparentage
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_lot_stays BEFORE DELETE ON materials_lot
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_holding_stays BEFORE DELETE ON materials_holding
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_thaw_stays BEFORE DELETE ON materials_thaw
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
"""


class Migration(migrations.Migration):
    """Triggers on lots, markets, parents, holdings, thaws and movements."""

    dependencies = [("materials", "0003_in_full"), ("identity", "0002_one_thread")]

    operations = [migrations.RunSQL(GUARDS, migrations.RunSQL.noop)]
