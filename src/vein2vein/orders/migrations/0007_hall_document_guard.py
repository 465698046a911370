"""What the database itself refuses: a document that changes after it was handed in, or comes back once taken back."""

from django.db import migrations

GUARD = """
CREATE FUNCTION orders_document_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF old.withdrawn_at IS NOT NULL OR (new.order_id, new.kind, new.filename, new.format, new.sha256, new.size_bytes,
            new.content, new.of_hospital, new.shared_at, new.shared_by)
        IS DISTINCT FROM (old.order_id, old.kind, old.filename, old.format, old.sha256, old.size_bytes,
            old.content, old.of_hospital, old.shared_at, old.shared_by) THEN
        RAISE EXCEPTION 'a document is fixed' USING ERRCODE = '23514', CONSTRAINT = 'orders_document_fixed';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_document_fixed BEFORE UPDATE ON orders_document
    FOR EACH ROW EXECUTE FUNCTION orders_document_fixed();
"""

UNDO = "DROP TRIGGER orders_document_fixed ON orders_document; DROP FUNCTION orders_document_fixed();"


class Migration(migrations.Migration):
    """Triggers beside the tables of 0006."""

    dependencies = [("orders", "0006_hall_hospital")]

    operations = [migrations.RunSQL(GUARD, UNDO)]
