"""A workstation is held on the batch's own chain; what was recorded is never changed; a batch keeps its chain."""

from django.db import migrations

GUARDS = r"""
ALTER TABLE manufacturing_occupancy ADD CONSTRAINT manufacturing_occupancy_own_chain
    FOREIGN KEY (batch_id, coi_id) REFERENCES manufacturing_batch (id, coi_id);

CREATE FUNCTION manufacturing_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: what was recorded stays', TG_OP, TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
CREATE TRIGGER manufacturing_recording_keep BEFORE UPDATE OR DELETE ON manufacturing_recording
    FOR EACH ROW EXECUTE FUNCTION manufacturing_keep();
CREATE TRIGGER manufacturing_rawattachment_keep BEFORE UPDATE OR DELETE ON manufacturing_rawattachment
    FOR EACH ROW EXECUTE FUNCTION manufacturing_keep();

CREATE FUNCTION manufacturing_keep_chain() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.coi_id <> OLD.coi_id OR NEW.order_id <> OLD.order_id OR NEW.definition_id <> OLD.definition_id THEN
        RAISE EXCEPTION 'a batch keeps its chain of identity, order and definition' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER manufacturing_batch_keep_chain BEFORE UPDATE ON manufacturing_batch
    FOR EACH ROW EXECUTE FUNCTION manufacturing_keep_chain();

CREATE FUNCTION manufacturing_keep_occupancy() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.coi_id <> OLD.coi_id OR NEW.batch_id <> OLD.batch_id OR NEW.workstation_id <> OLD.workstation_id
        OR lower(NEW.during) <> lower(OLD.during) OR NOT upper_inf(OLD.during)
    THEN
        RAISE EXCEPTION 'an occupancy is ended once, and otherwise stays' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER manufacturing_occupancy_keep BEFORE UPDATE ON manufacturing_occupancy
    FOR EACH ROW EXECUTE FUNCTION manufacturing_keep_occupancy();
"""


class Migration(migrations.Migration):
    """Triggers and a composite foreign key."""

    dependencies = [("manufacturing", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, migrations.RunSQL.noop)]
