"""Starting material past its limit is not processed without the ruling of quality (N8)."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION manufacturing_material_in_time() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM public.manufacturing_batch b JOIN public.identity_container c
            ON c.coi_id = b.coi_id AND c.kind = 'starting_material' AND c.state = 'active'
        WHERE b.id = NEW.batch_id HAVING count(*) > 0 AND bool_and(c.expires_at < NEW.started_at)
    ) AND NOT EXISTS (
        SELECT 1 FROM public.manufacturing_clockruling r
        WHERE r.batch_id = NEW.batch_id AND r.subject = 'starting_material' AND r.decision = 'continue'
    ) THEN
        RAISE EXCEPTION 'starting material past its limit is not processed'
            USING ERRCODE = '23514', CONSTRAINT = 'manufacturing_material_in_time';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER manufacturing_material_in_time BEFORE UPDATE ON manufacturing_batchoperation FOR EACH ROW
    WHEN (NEW.ordinal = 1 AND OLD.state = 'waiting' AND NEW.state <> 'waiting')
    EXECUTE FUNCTION manufacturing_material_in_time();
"""
UNDO = """
DROP TRIGGER manufacturing_material_in_time ON manufacturing_batchoperation;
DROP FUNCTION manufacturing_material_in_time();
"""


class Migration(migrations.Migration):
    """A trigger on the first operation."""

    dependencies = [("manufacturing", "0004_ways_batch_under_way"), ("identity", "0003_what_labels_say")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
