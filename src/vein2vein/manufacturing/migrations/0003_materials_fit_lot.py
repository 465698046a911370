"""A record names no lot that was neither drawn for its batch nor fit to be (N7)."""

from django.db import migrations

GUARDS = r"""
CREATE FUNCTION manufacturing_fit_lot() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    batch record;
BEGIN
    SELECT b.id, b.market INTO batch FROM public.manufacturing_batchstep s
    JOIN public.manufacturing_batch b ON b.id = s.batch_id WHERE s.id = NEW.step_id;
    IF NOT EXISTS (SELECT FROM public.materials_movement m
                   WHERE m.lot_id = NEW.lot_id AND m.holder = 'batch:' || batch.id AND m.kind = 'consumption')
        AND NOT EXISTS (SELECT FROM public.materials_lot l JOIN public.materials_lotmarket k ON k.lot_id = l.id
                        WHERE l.id = NEW.lot_id AND l.state = 'released' AND l.expires_at > NEW.performed_at
                        AND k.market = batch.market)
    THEN
        RAISE EXCEPTION 'lot % was not drawn for batch % and is not fit to be', NEW.lot_id, batch.id
            USING ERRCODE = '23514', CONSTRAINT = 'manufacturing_recording_lot_fit';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER manufacturing_recording_lot_fit BEFORE INSERT ON manufacturing_recording FOR EACH ROW
    WHEN (NEW.lot_id IS NOT NULL AND NEW.revision = 1) EXECUTE FUNCTION manufacturing_fit_lot();
"""


class Migration(migrations.Migration):
    """A trigger on recordings."""

    dependencies = [("manufacturing", "0002_one_patient"), ("materials", "0004_never_a_wrong_lot")]

    operations = [migrations.RunSQL(GUARDS, migrations.RunSQL.noop)]
