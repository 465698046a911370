"""The journal's tables, its chaining trigger and its guards."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

GUARDS = r"""
CREATE FUNCTION journal_time(at timestamptz) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

CREATE FUNCTION journal_frame(part bytea) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT int8send(octet_length(part)::bigint) || part $$;

CREATE FUNCTION journal_hash(stream text, seq int, recorded_at timestamptz, payload text, previous bytea)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS
$$ SELECT sha256(
    public.journal_frame(convert_to(stream, 'UTF8')) || public.journal_frame(convert_to(seq::text, 'UTF8'))
    || public.journal_frame(convert_to(public.journal_time(recorded_at), 'UTF8'))
    || public.journal_frame(convert_to(payload, 'UTF8')) || public.journal_frame(previous)) $$;

CREATE FUNCTION journal_now() RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE simulated boolean; told text := current_setting('v2v.now', true);
BEGIN
    SELECT kind = 'simulated' INTO simulated FROM public.journal_database;
    IF simulated THEN
        IF coalesce(told, '') = '' THEN RAISE EXCEPTION 'a simulated database needs a simulated clock'; END IF;
        RETURN told::timestamptz;
    END IF;
    IF coalesce(told, '') <> '' THEN RAISE EXCEPTION 'a real database refuses a simulated clock'; END IF;
    RETURN clock_timestamp();
END $$;

CREATE FUNCTION journal_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE said jsonb := NEW.payload::jsonb;
BEGIN
    INSERT INTO public.journal_stream AS head (stream, seq, hash) VALUES (NEW.stream, 1, ''::bytea)
    ON CONFLICT (stream) DO UPDATE SET seq = head.seq + 1
    RETURNING head.seq, head.hash INTO NEW.seq, NEW.previous;
    NEW.recorded_at := public.journal_now();
    NEW.hash := public.journal_hash(NEW.stream, NEW.seq, NEW.recorded_at, NEW.payload, NEW.previous);
    NEW.action := said->>'action';
    NEW.fact := said->>'fact';
    NEW.deed := (said->>'deed')::uuid;
    NEW.account := (said#>>'{by,account}')::uuid;
    NEW.refs := ARRAY(SELECT jsonb_array_elements_text(said->'refs'));
    UPDATE public.journal_stream SET hash = NEW.hash WHERE stream = NEW.stream;
    RETURN NEW;
END $$;
CREATE TRIGGER journal_entry_chain BEFORE INSERT ON journal_entry FOR EACH ROW EXECUTE FUNCTION journal_chain();

CREATE FUNCTION journal_forbid() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN RAISE EXCEPTION '% on % is forbidden: the journal is append-only', TG_OP, TG_TABLE_NAME; END $$;
CREATE TRIGGER journal_entry_keep BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_forbid();
CREATE TRIGGER journal_seal_keep BEFORE UPDATE OR DELETE ON journal_seal
    FOR EACH ROW EXECUTE FUNCTION journal_forbid();
CREATE TRIGGER journal_leaf_keep BEFORE UPDATE OR DELETE ON journal_leaf
    FOR EACH ROW EXECUTE FUNCTION journal_forbid();
CREATE TRIGGER journal_database_keep BEFORE UPDATE OR DELETE ON journal_database
    FOR EACH ROW EXECUTE FUNCTION journal_forbid();

CREATE FUNCTION journal_lock_head(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN PERFORM 1 FROM public.journal_stream WHERE stream = name FOR UPDATE; END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("seq", models.IntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("payload", models.TextField()),
                ("previous", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("action", models.TextField()),
                ("fact", models.TextField()),
                ("deed", models.UUIDField()),
                ("account", models.UUIDField()),
                ("refs", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
            ],
            options={
                "managed": True,
                "indexes": [
                    models.Index(fields=["fact", "stream", "seq"], name="journal_entry_fact"),
                    models.Index(fields=["account", "id"], name="journal_entry_account"),
                    django.contrib.postgres.indexes.GinIndex(fields=["refs"], name="journal_entry_refs"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "seq"), name="journal_entry_stream_seq")
                ],
            },
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("stream", models.TextField(primary_key=True, serialize=False)),
                ("seq", models.IntegerField()),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("root", models.BinaryField()),
                ("streams", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("seq", models.IntegerField()),
                ("hash", models.BinaryField()),
                ("seal", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="journal.seal")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "seal"), name="journal_leaf_stream_seal")
                ]
            },
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("follower", models.TextField()),
                ("stream", models.TextField()),
                ("seq", models.IntegerField()),
                ("halted", models.TextField(blank=True, default="")),
                ("halted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("follower", "stream"), name="journal_cursor_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="Database",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("only", True)), name="journal_database_only_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["production", "demonstration", "simulated"])),
                        name="journal_database_kind",
                    ),
                ]
            },
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
