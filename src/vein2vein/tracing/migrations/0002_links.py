"""Links drawn from the journal by a trigger, in the transaction that writes the entries."""

from django.db import migrations

LINKS = r"""
CREATE FUNCTION tracing_draw() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.tracing_link (coi, kind, subject)
    SELECT DISTINCT substr(e.stream, 5)::uuid, split_part(named, ':', 1), split_part(named, ':', 2)::uuid
    FROM fresh e CROSS JOIN LATERAL (
        SELECT unnest(e.refs) UNION ALL SELECT 'account:' || e.account
        UNION ALL SELECT 'account:' || (s->>'account_id')
            FROM jsonb_array_elements((e.payload::jsonb)->'signatures') s
        UNION ALL SELECT 'account:' || ((e.payload::jsonb)#>>'{late,witness,account_id}')
    ) AS n(named)
    WHERE e.stream ~ '^coi:[0-9a-f-]{36}$' AND named ~ '^[a-z]+:[0-9a-f-]{36}$'
    ON CONFLICT (kind, subject, coi) DO NOTHING;
    -- who prescribed an order did so before it had a chain: they come over with its acceptance
    IF EXISTS (SELECT FROM fresh WHERE fact = 'orders.OrderAccepted') THEN
        INSERT INTO public.tracing_link (coi, kind, subject)
        SELECT DISTINCT substr(e.stream, 5)::uuid, 'account', o.account
        FROM fresh e JOIN public.journal_entry o ON o.stream = ANY (e.refs) AND o.stream LIKE 'order:%'
        WHERE e.fact = 'orders.OrderAccepted' AND e.stream ~ '^coi:[0-9a-f-]{36}$'
        ON CONFLICT (kind, subject, coi) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tracing_journal_draw AFTER INSERT ON journal_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tracing_draw();

CREATE FUNCTION tracing_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: a link stays', TG_OP, TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
CREATE TRIGGER tracing_link_keep BEFORE UPDATE OR DELETE ON tracing_link
    FOR EACH ROW EXECUTE FUNCTION tracing_keep();

INSERT INTO tracing_link (coi, kind, subject)
SELECT DISTINCT substr(e.stream, 5)::uuid, split_part(named, ':', 1), split_part(named, ':', 2)::uuid
FROM journal_entry e CROSS JOIN LATERAL (
    SELECT unnest(e.refs) UNION ALL SELECT 'account:' || e.account
    UNION ALL SELECT 'account:' || (s->>'account_id') FROM jsonb_array_elements((e.payload::jsonb)->'signatures') s
) AS n(named)
WHERE e.stream ~ '^coi:[0-9a-f-]{36}$' AND named ~ '^[a-z]+:[0-9a-f-]{36}$'
ON CONFLICT (kind, subject, coi) DO NOTHING;

INSERT INTO tracing_link (coi, kind, subject)
SELECT DISTINCT substr(e.stream, 5)::uuid, 'account', o.account
FROM journal_entry e JOIN journal_entry o ON o.stream = ANY (e.refs) AND o.stream LIKE 'order:%'
WHERE e.fact = 'orders.OrderAccepted' AND e.stream ~ '^coi:[0-9a-f-]{36}$'
ON CONFLICT (kind, subject, coi) DO NOTHING;
"""


class Migration(migrations.Migration):
    """A trigger on the journal, a guard on the links, and the links of what is there already."""

    dependencies = [("tracing", "0001_initial"), ("journal", "0001_initial")]

    operations = [migrations.RunSQL(LINKS, migrations.RunSQL.noop)]
