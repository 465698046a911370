from django.db import migrations

GUARD = """
CREATE FUNCTION planning_no_silent_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'adopted' AND OLD.state <> 'adopted' AND EXISTS (
        SELECT 1 FROM planning_datechange d WHERE d.plan_id = NEW.id AND d.confirmed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a promised date moves and nobody has confirmed it'
            USING ERRCODE = '23514', CONSTRAINT = 'planning_no_silent_date';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER planning_no_silent_date BEFORE UPDATE ON planning_plan
    FOR EACH ROW EXECUTE FUNCTION planning_no_silent_date();

CREATE FUNCTION planning_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.problem IS DISTINCT FROM OLD.problem OR NEW.plan IS DISTINCT FROM OLD.plan
        OR NEW.problem_digest <> OLD.problem_digest OR NEW.plan_digest <> OLD.plan_digest
    THEN
        RAISE EXCEPTION 'a plan that was checked is never changed'
            USING ERRCODE = '23514', CONSTRAINT = 'planning_plan_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER planning_plan_stays BEFORE UPDATE ON planning_plan
    FOR EACH ROW EXECUTE FUNCTION planning_plan_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_plan")]
    operations = [
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER planning_no_silent_date ON planning_plan; DROP TRIGGER planning_plan_stays ON planning_plan; "
            "DROP FUNCTION planning_no_silent_date(); DROP FUNCTION planning_plan_stays();",
        )
    ]
