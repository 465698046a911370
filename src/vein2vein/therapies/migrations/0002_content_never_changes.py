"""What was submitted stays as it was: only the state and the effective date of a version may change."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION therapies_content_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.therapy_code, new.version, new.content_hash, new.canonical, new.files::text, new.submitted_by)
        IS DISTINCT FROM
       (old.therapy_code, old.version, old.content_hash, old.canonical, old.files::text, old.submitted_by)
    THEN
        RAISE EXCEPTION 'a submitted definition does not change'
            USING ERRCODE = '23514', CONSTRAINT = 'therapies_content_fixed';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER therapies_content_fixed BEFORE UPDATE ON therapies_definitionversion
    FOR EACH ROW EXECUTE FUNCTION therapies_content_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("therapies", "0001_initial")]
    operations = [
        migrations.RunSQL(
            GUARDS,
            "DROP TRIGGER therapies_content_fixed ON therapies_definitionversion; DROP FUNCTION therapies_content_fixed();",
        )
    ]
