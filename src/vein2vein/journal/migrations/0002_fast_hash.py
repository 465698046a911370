"""The entry's hash in one expression, the same bytes as before; merging what entries tell of a row."""

from django.db import migrations

HASH = r"""
CREATE OR REPLACE FUNCTION journal_hash(stream text, seq int, recorded_at timestamptz, payload text, previous bytea)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT sha256(
    int8send(octet_length(convert_to(stream, 'UTF8'))::bigint) || convert_to(stream, 'UTF8')
    || int8send(octet_length(seq::text)::bigint) || convert_to(seq::text, 'UTF8')
    || int8send(27::bigint)
    || convert_to(to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8')
    || int8send(octet_length(convert_to(payload, 'UTF8'))::bigint) || convert_to(payload, 'UTF8')
    || int8send(octet_length(previous)::bigint) || previous) $$;

CREATE AGGREGATE journal_merge(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}');
"""
BEFORE = r"""
DROP AGGREGATE journal_merge(jsonb);
CREATE OR REPLACE FUNCTION journal_hash(stream text, seq int, recorded_at timestamptz, payload text, previous bytea)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS
$$ SELECT sha256(
    public.journal_frame(convert_to(stream, 'UTF8')) || public.journal_frame(convert_to(seq::text, 'UTF8'))
    || public.journal_frame(convert_to(public.journal_time(recorded_at), 'UTF8'))
    || public.journal_frame(convert_to(payload, 'UTF8')) || public.journal_frame(previous)) $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(HASH, BEFORE)]
