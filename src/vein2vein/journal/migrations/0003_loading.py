"""A demonstration database takes past times for as long as its site is being loaded, and never again (ADR 0100)."""

import django.db.models.functions.datetime
from django.db import migrations, models

TIME = r"""
CREATE OR REPLACE FUNCTION journal_now() RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found text; loading boolean; told text := current_setting('v2v.now', true);
BEGIN
    SELECT kind, kind = 'demonstration' AND NOT EXISTS (SELECT FROM public.journal_loaded)
    INTO found, loading FROM public.journal_database;
    IF found = 'simulated' THEN
        IF coalesce(told, '') = '' THEN RAISE EXCEPTION 'a simulated database needs a simulated clock'; END IF;
        RETURN told::timestamptz;
    END IF;
    IF coalesce(told, '') <> '' THEN
        IF loading AND told::timestamptz <= clock_timestamp() THEN RETURN told::timestamptz; END IF;
        RAISE EXCEPTION 'a real database refuses a simulated clock';
    END IF;
    RETURN clock_timestamp();
END $$;
CREATE TRIGGER journal_loaded_keep BEFORE UPDATE OR DELETE ON journal_loaded
    FOR EACH ROW EXECUTE FUNCTION journal_forbid();
INSERT INTO journal_loaded ("only") SELECT true FROM journal_database;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_fast_hash")]
    operations = [
        migrations.CreateModel(
            name="Loaded",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("loaded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only", True)), name="journal_loaded_only_one")
                ]
            },
        ),
        migrations.RunSQL(TIME, migrations.RunSQL.noop),
    ]
