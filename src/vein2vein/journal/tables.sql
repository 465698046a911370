-- What the migrations do to an empty database; renewed by V2V_RENEW=1 and tests/upgrade/test_tables.py.
-- applied: contenttypes.0001_initial
-- applied: contenttypes.0002_remove_content_type_name
-- applied: auth.0001_initial
-- applied: auth.0002_alter_permission_name_max_length
-- applied: auth.0003_alter_user_email_max_length
-- applied: auth.0004_alter_user_username_opts
-- applied: auth.0005_alter_user_last_login_null
-- applied: auth.0006_require_contenttypes_0002
-- applied: auth.0007_alter_validators_add_error_messages
-- applied: auth.0008_alter_user_username_max_length
-- applied: auth.0009_alter_user_last_name_max_length
-- applied: auth.0010_alter_group_name_max_length
-- applied: auth.0011_update_proxy_permissions
-- applied: auth.0012_alter_user_first_name_max_length
-- applied: axes.0001_initial
-- applied: axes.0002_auto_20151217_2044
-- applied: axes.0003_auto_20160322_0929
-- applied: axes.0004_auto_20181024_1538
-- applied: axes.0005_remove_accessattempt_trusted
-- applied: axes.0006_remove_accesslog_trusted
-- applied: axes.0007_alter_accessattempt_unique_together
-- applied: axes.0008_accessfailurelog
-- applied: axes.0009_add_session_hash
-- applied: axes.0010_accessattemptexpiration
-- applied: doors.0001_initial
-- applied: therapies.0001_initial
-- applied: journal.0001_initial
-- applied: network.0001_initial
-- applied: people.0001_initial
-- applied: identity.0001_initial
-- applied: identity.0002_one_thread
-- applied: orders.0001_initial
-- applied: exchange.0001_initial
-- applied: therapies.0002_content_never_changes
-- applied: orders.0002_bedside_guards
-- applied: identity.0003_what_labels_say
-- applied: orders.0003_ways_out
-- applied: orders.0004_ways_single_copy
-- applied: orders.0005_ways_reserve
-- applied: forecasting.0001_studies_and_forecasts
-- applied: forecasting.0002_twin_bare_intervals
-- applied: identity.0004_routes_statement
-- applied: journal.0002_fast_hash
-- applied: journal.0003_loading
-- applied: journal.0004_hall_audit
-- applied: materials.0001_initial
-- applied: materials.0002_ledger
-- applied: materials.0003_in_full
-- applied: materials.0004_never_a_wrong_lot
-- applied: manufacturing.0001_initial
-- applied: manufacturing.0002_one_patient
-- applied: manufacturing.0003_materials_fit_lot
-- applied: manufacturing.0004_ways_batch_under_way
-- applied: manufacturing.0005_ways_in_time
-- applied: laboratory.0001_initial
-- applied: laboratory.0002_bookings_cancelled_tests
-- applied: laboratory.0003_bookings_kits
-- applied: logistics.0001_initial
-- applied: logistics.0002_on_its_thread
-- applied: logistics.0003_ways_mishaps
-- applied: manufacturing.0006_floor_offline_pack
-- applied: network.0002_bookings_in_use
-- applied: therapies.0003_twin_rehearsal
-- applied: orders.0006_hall_hospital
-- applied: orders.0007_hall_document_guard
-- applied: orders.0008_hall_search
-- applied: people.0002_people_pace
-- applied: planning.0001_plan
-- applied: planning.0002_plan_guards
-- applied: procrastinate.0001_initial
-- applied: procrastinate.0002_drop_started_at_column
-- applied: procrastinate.0003_drop_started_at_column
-- applied: procrastinate.0004_drop_procrastinate_version_table
-- applied: procrastinate.0005_fix_procrastinate_fetch_job
-- applied: procrastinate.0006_fix_trigger_status_events_insert
-- applied: procrastinate.0007_add_queueing_lock_column
-- applied: procrastinate.0008_close_fetch_job_race_condition
-- applied: procrastinate.0009_add_defer_job_function
-- applied: procrastinate.0010_add_procrastinate_periodic_defers
-- applied: procrastinate.0011_add_foreign_key_index
-- applied: procrastinate.0012_add_locks_to_periodic_defer
-- applied: procrastinate.0013_fix_procrastinate_defer_periodic_job
-- applied: procrastinate.0014_add_finish_job_and_retry_job_functions
-- applied: procrastinate.0015_add_trigger_on_job_deletion
-- applied: procrastinate.0016_delete_finished_jobs
-- applied: procrastinate.0017_add_checks_to_finish_job
-- applied: procrastinate.0018_add_checks_to_retry_job
-- applied: procrastinate.0019_fix_finish_job_compat_issue
-- applied: procrastinate.0020_add_index_on_procrastinate_jobs
-- applied: procrastinate.0021_add_kwargs_to_defer_periodic_job
-- applied: procrastinate.0022_null_locks_excluded
-- applied: procrastinate.0023_remove_old_finish_job_function
-- applied: procrastinate.0024_job_id_bigint
-- applied: procrastinate.0025_add_models
-- applied: procrastinate.0026_add_job_priority
-- applied: procrastinate.0027_add_periodic_job_priority
-- applied: procrastinate.0028_add_cancel_states
-- applied: procrastinate.0029_add_additional_params_to_retry_job
-- applied: procrastinate.0030_alter_procrastinateevent_options
-- applied: procrastinate.0031_add_indexes_for_fetch_job
-- applied: procrastinate.0032_pre_cancel_notification
-- applied: procrastinate.0033_post_cancel_notification
-- applied: procrastinate.0034_pre_add_heartbeat
-- applied: procrastinate.0035_post_add_heartbeat
-- applied: procrastinate.0036_add_worker_model
-- applied: procrastinate.0037_pre_batch_defer_jobs
-- applied: procrastinate.0038_post_batch_defer_jobs
-- applied: procrastinate.0039_pre_priority_lock_fetch_job
-- applied: procrastinate.0040_pre_retry_failed_job
-- applied: procrastinate.0041_post_retry_failed_job
-- applied: quality.0001_initial
-- applied: quality.0002_routes_ways_out
-- applied: quality.0003_routes_dose_adds_up
-- applied: quality.0004_ways_reserve
-- applied: quality.0005_hall_audit
-- applied: sessions.0001_initial
-- applied: tracing.0001_initial
-- applied: tracing.0002_links
CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "name" varchar(100) NOT NULL, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL)
--;
ALTER TABLE "django_content_type" ADD CONSTRAINT "django_content_type_app_label_model_76bd3d3b_uniq" UNIQUE ("app_label", "model")
--;
ALTER TABLE "django_content_type" ALTER COLUMN "name" DROP NOT NULL
--;
ALTER TABLE "django_content_type" DROP COLUMN "name" CASCADE
--;
CREATE TABLE "auth_permission" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "name" varchar(50) NOT NULL, "content_type_id" integer NOT NULL, "codename" varchar(100) NOT NULL)
--;
CREATE TABLE "auth_group" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "name" varchar(80) NOT NULL UNIQUE)
--;
CREATE TABLE "auth_group_permissions" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "group_id" integer NOT NULL, "permission_id" integer NOT NULL)
--;
ALTER TABLE "auth_permission" ADD CONSTRAINT "auth_permission_content_type_id_codename_01ab375a_uniq" UNIQUE ("content_type_id", "codename")
--;
ALTER TABLE "auth_permission" ADD CONSTRAINT "auth_permission_content_type_id_2f476e4b_fk_django_co" FOREIGN KEY ("content_type_id") REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "auth_permission_content_type_id_2f476e4b" ON "auth_permission" ("content_type_id")
--;
CREATE INDEX "auth_group_name_a6ea08ec_like" ON "auth_group" ("name" varchar_pattern_ops)
--;
ALTER TABLE "auth_group_permissions" ADD CONSTRAINT "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" UNIQUE ("group_id", "permission_id")
--;
ALTER TABLE "auth_group_permissions" ADD CONSTRAINT "auth_group_permissions_group_id_b120cbf9_fk_auth_group_id" FOREIGN KEY ("group_id") REFERENCES "auth_group" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "auth_group_permissions" ADD CONSTRAINT "auth_group_permissio_permission_id_84c5c92e_fk_auth_perm" FOREIGN KEY ("permission_id") REFERENCES "auth_permission" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "auth_group_permissions" ("group_id")
--;
CREATE INDEX "auth_group_permissions_permission_id_84c5c92e" ON "auth_group_permissions" ("permission_id")
--;
ALTER TABLE "auth_permission" ALTER COLUMN "name" TYPE varchar(255)
--;
ALTER TABLE "auth_group" ALTER COLUMN "name" TYPE varchar(150)
--;
CREATE TABLE "axes_accessattempt" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "user_agent" varchar(255) NOT NULL, "ip_address" inet NULL, "username" varchar(255) NULL, "trusted" boolean NOT NULL, "http_accept" varchar(1025) NOT NULL, "path_info" varchar(255) NOT NULL, "attempt_time" timestamp with time zone NOT NULL, "get_data" text NOT NULL, "post_data" text NOT NULL, "failures_since_start" integer NOT NULL CHECK ("failures_since_start" >= 0))
--;
CREATE TABLE "axes_accesslog" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "user_agent" varchar(255) NOT NULL, "ip_address" inet NULL, "username" varchar(255) NULL, "trusted" boolean NOT NULL, "http_accept" varchar(1025) NOT NULL, "path_info" varchar(255) NOT NULL, "attempt_time" timestamp with time zone NOT NULL, "logout_time" timestamp with time zone NULL)
--;
CREATE INDEX "axes_accessattempt_ip_address_10922d9c" ON "axes_accessattempt" ("ip_address")
--;
CREATE INDEX "axes_accessattempt_trusted_0eddf52e" ON "axes_accessattempt" ("trusted")
--;
CREATE INDEX "axes_accessattempt_user_agent_ad89678b" ON "axes_accessattempt" ("user_agent")
--;
CREATE INDEX "axes_accessattempt_user_agent_ad89678b_like" ON "axes_accessattempt" ("user_agent" varchar_pattern_ops)
--;
CREATE INDEX "axes_accessattempt_username_3f2d4ca0" ON "axes_accessattempt" ("username")
--;
CREATE INDEX "axes_accessattempt_username_3f2d4ca0_like" ON "axes_accessattempt" ("username" varchar_pattern_ops)
--;
CREATE INDEX "axes_accesslog_ip_address_86b417e5" ON "axes_accesslog" ("ip_address")
--;
CREATE INDEX "axes_accesslog_trusted_496c5681" ON "axes_accesslog" ("trusted")
--;
CREATE INDEX "axes_accesslog_user_agent_0e659004" ON "axes_accesslog" ("user_agent")
--;
CREATE INDEX "axes_accesslog_user_agent_0e659004_like" ON "axes_accesslog" ("user_agent" varchar_pattern_ops)
--;
CREATE INDEX "axes_accesslog_username_df93064b" ON "axes_accesslog" ("username")
--;
CREATE INDEX "axes_accesslog_username_df93064b_like" ON "axes_accesslog" ("username" varchar_pattern_ops)
--;
ALTER TABLE "axes_accessattempt" DROP COLUMN "trusted" CASCADE
--;
ALTER TABLE "axes_accesslog" DROP COLUMN "trusted" CASCADE
--;
ALTER TABLE "axes_accessattempt" ADD CONSTRAINT "axes_accessattempt_username_ip_address_user_agent_8ea22282_uniq" UNIQUE ("username", "ip_address", "user_agent")
--;
CREATE TABLE "axes_accessfailurelog" ("id" integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "user_agent" varchar(255) NOT NULL, "ip_address" inet NULL, "username" varchar(255) NULL, "http_accept" varchar(1025) NOT NULL, "path_info" varchar(255) NOT NULL, "attempt_time" timestamp with time zone NOT NULL, "locked_out" boolean NOT NULL)
--;
CREATE INDEX "axes_accessfailurelog_user_agent_ea145dda" ON "axes_accessfailurelog" ("user_agent")
--;
CREATE INDEX "axes_accessfailurelog_user_agent_ea145dda_like" ON "axes_accessfailurelog" ("user_agent" varchar_pattern_ops)
--;
CREATE INDEX "axes_accessfailurelog_ip_address_2e9f5a7f" ON "axes_accessfailurelog" ("ip_address")
--;
CREATE INDEX "axes_accessfailurelog_username_a8b7e8a4" ON "axes_accessfailurelog" ("username")
--;
CREATE INDEX "axes_accessfailurelog_username_a8b7e8a4_like" ON "axes_accessfailurelog" ("username" varchar_pattern_ops)
--;
ALTER TABLE "axes_accesslog" ADD COLUMN "session_hash" varchar(64) DEFAULT '' NOT NULL
--;
ALTER TABLE "axes_accesslog" ALTER COLUMN "session_hash" DROP DEFAULT
--;
CREATE TABLE "axes_accessattemptexpiration" ("access_attempt_id" integer NOT NULL PRIMARY KEY, "expires_at" timestamp with time zone NOT NULL)
--;
ALTER TABLE "axes_accessattemptexpiration" ADD CONSTRAINT "axes_accessattemptex_access_attempt_id_6b73a47a_fk_axes_acce" FOREIGN KEY ("access_attempt_id") REFERENCES "axes_accessattempt" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE TABLE "doors_answered" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "account_id" uuid NOT NULL, "key" text NOT NULL, "digest" text NOT NULL, "answer" text NOT NULL, "answered_at" timestamp with time zone DEFAULT (STATEMENT_TIMESTAMP()) NOT NULL, CONSTRAINT "doors_answered_once" UNIQUE ("account_id", "key"))
--;
CREATE TABLE "therapies_definitionversion" ("id" uuid NOT NULL PRIMARY KEY, "therapy_code" text NOT NULL, "version" text NOT NULL, "name_en" text NOT NULL, "name_zh" text NOT NULL, "content_hash" text NOT NULL UNIQUE, "canonical" text NOT NULL, "files" jsonb NOT NULL, "state" text NOT NULL, "effective_from_on" date NULL, "submitted_at" timestamp with time zone NOT NULL, "submitted_by" uuid NOT NULL, CONSTRAINT "therapies_definition_version_once" UNIQUE ("therapy_code", "version"), CONSTRAINT "therapies_definition_state" CHECK ("state" IN ('draft', 'approved', 'retired')), CONSTRAINT "therapies_definition_dated" CHECK ((NOT ("state" = 'approved') OR "effective_from_on" IS NOT NULL)))
--;
CREATE UNIQUE INDEX "therapies_definition_effective_once" ON "therapies_definitionversion" ("therapy_code", "effective_from_on") WHERE "state" = 'approved'
--;
CREATE INDEX "therapies_definitionversion_content_hash_47a96c7c_like" ON "therapies_definitionversion" ("content_hash" text_pattern_ops)
--;
CREATE EXTENSION IF NOT EXISTS "btree_gist"
--;
CREATE TABLE "journal_entry" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "stream" text NOT NULL, "seq" integer NOT NULL, "recorded_at" timestamp with time zone NOT NULL, "payload" text NOT NULL, "previous" bytea NOT NULL, "hash" bytea NOT NULL, "action" text NOT NULL, "fact" text NOT NULL, "deed" uuid NOT NULL, "account" uuid NOT NULL, "refs" text[] NOT NULL, CONSTRAINT "journal_entry_stream_seq" UNIQUE ("stream", "seq"))
--;
CREATE TABLE "journal_stream" ("stream" text NOT NULL PRIMARY KEY, "seq" integer NOT NULL, "hash" bytea NOT NULL)
--;
CREATE TABLE "journal_seal" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "sealed_at" timestamp with time zone NOT NULL, "root" bytea NOT NULL, "streams" integer NOT NULL)
--;
CREATE TABLE "journal_leaf" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "stream" text NOT NULL, "seq" integer NOT NULL, "hash" bytea NOT NULL, "seal_id" bigint NOT NULL, CONSTRAINT "journal_leaf_stream_seal" UNIQUE ("stream", "seal_id"))
--;
CREATE TABLE "journal_cursor" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "follower" text NOT NULL, "stream" text NOT NULL, "seq" integer NOT NULL, "halted" text NOT NULL, "halted_at" timestamp with time zone NULL, CONSTRAINT "journal_cursor_once" UNIQUE ("follower", "stream"))
--;
CREATE TABLE "journal_database" ("only" boolean NOT NULL PRIMARY KEY, "kind" text NOT NULL, "opened_at" timestamp with time zone DEFAULT (STATEMENT_TIMESTAMP()) NOT NULL, CONSTRAINT "journal_database_only_one" CHECK ("only"), CONSTRAINT "journal_database_kind" CHECK ("kind" IN ('production', 'demonstration', 'simulated')))
--;
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
BEGIN PERFORM 1 FROM public.journal_stream WHERE stream = name FOR UPDATE; END $$
--;
CREATE INDEX "journal_entry_fact" ON "journal_entry" ("fact", "stream", "seq")
--;
CREATE INDEX "journal_entry_account" ON "journal_entry" ("account", "id")
--;
CREATE INDEX "journal_entry_refs" ON "journal_entry" USING gin ("refs")
--;
CREATE INDEX "journal_stream_stream_ce4e90fd_like" ON "journal_stream" ("stream" text_pattern_ops)
--;
ALTER TABLE "journal_leaf" ADD CONSTRAINT "journal_leaf_seal_id_f0593784_fk_journal_seal_id" FOREIGN KEY ("seal_id") REFERENCES "journal_seal" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "journal_leaf_seal_id_f0593784" ON "journal_leaf" ("seal_id")
--;
CREATE TABLE "network_market" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "name_en" text NOT NULL, "name_zh" text NOT NULL, "agency" text NOT NULL)
--;
CREATE TABLE "network_room" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL, "name_en" text NOT NULL, "name_zh" text NOT NULL, "grade" text NOT NULL)
--;
CREATE TABLE "network_equipment" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "name_en" text NOT NULL, "name_zh" text NOT NULL, "equipment_class" text NOT NULL, "serial" text NOT NULL UNIQUE, "state" text NOT NULL, "calibration_due_on" date NULL, "requalification_due_on" date NULL, "hold_time_h" numeric(8, 2) NULL, "room_id" uuid NULL)
--;
CREATE TABLE "network_site" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "name_en" text NOT NULL, "name_zh" text NOT NULL, "kind" text NOT NULL, "zone" text NOT NULL, "gln" text NOT NULL, "qualified_until" date NULL, "demonstration" boolean NOT NULL, "market_id" uuid NOT NULL)
--;
ALTER TABLE "network_room" ADD COLUMN "site_id" uuid NOT NULL CONSTRAINT "network_room_site_id_d4bcde33_fk_network_site_id" REFERENCES "network_site"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "network_room_site_id_d4bcde33_fk_network_site_id" IMMEDIATE
--;
CREATE TABLE "network_resource" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "code" text NOT NULL, "equipment_id" uuid NULL, "site_id" uuid NOT NULL)
--;
CREATE TABLE "network_lane" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "temperature_class" text NOT NULL, "typical_hours" numeric(6, 1) NOT NULL, "longest_hours" numeric(6, 1) NOT NULL, "borders" text[] NOT NULL, "permits" text[] NOT NULL, "carrier_id" uuid NOT NULL, "destination_id" uuid NOT NULL, "origin_id" uuid NOT NULL)
--;
ALTER TABLE "network_equipment" ADD COLUMN "site_id" uuid NOT NULL CONSTRAINT "network_equipment_site_id_6833b222_fk_network_site_id" REFERENCES "network_site"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "network_equipment_site_id_6833b222_fk_network_site_id" IMMEDIATE
--;
CREATE TABLE "network_authorisation" ("id" uuid NOT NULL PRIMARY KEY, "therapy_code" text NOT NULL, "indication_code" text NOT NULL, "route" text NOT NULL, "valid_from_on" date NOT NULL, "valid_to_on" date NULL, "reference" text NOT NULL, "market_id" uuid NOT NULL, "holder_id" uuid NOT NULL)
--;
CREATE TABLE "network_reservation" ("id" uuid NOT NULL PRIMARY KEY, "during" tstzrange NOT NULL, "holder" text NOT NULL, "state" text NOT NULL, "resource_id" uuid NOT NULL, CONSTRAINT "network_reservation_overlap" EXCLUDE USING GIST ("resource_id" WITH =, "during" WITH &&) WHERE (NOT ("state" = 'released')), CONSTRAINT "network_reservation_not_empty" CHECK (NOT isempty("during")), CONSTRAINT "network_reservation_bounded" CHECK ((lower("during") IS NOT NULL AND upper("during") IS NOT NULL)), CONSTRAINT "network_reservation_state" CHECK ("state" IN ('held', 'released', 'used')))
--;
ALTER TABLE "network_site" ADD CONSTRAINT "network_site_kind" CHECK ("kind" IN ('manufacturing', 'innovation', 'hospital', 'carrier', 'mah'))
--;
CREATE UNIQUE INDEX "network_site_gln" ON "network_site" ("gln") WHERE NOT ("gln" = '')
--;
ALTER TABLE "network_room" ADD CONSTRAINT "network_room_code" UNIQUE ("site_id", "code")
--;
ALTER TABLE "network_resource" ADD CONSTRAINT "network_resource_code" UNIQUE ("site_id", "kind", "code")
--;
ALTER TABLE "network_lane" ADD CONSTRAINT "network_lane_hours" CHECK (("typical_hours" > 0 AND "longest_hours" >= ("typical_hours")))
--;
ALTER TABLE "network_lane" ADD CONSTRAINT "network_lane_temperature" CHECK ("temperature_class" IN ('chilled', 'cryogenic'))
--;
CREATE INDEX "network_equipment_class" ON "network_equipment" ("site_id", "equipment_class")
--;
ALTER TABLE "network_equipment" ADD CONSTRAINT "network_equipment_state" CHECK ("state" IN ('available', 'out_of_service'))
--;
ALTER TABLE "network_equipment" ADD CONSTRAINT "network_equipment_hold_time" CHECK (("hold_time_h" IS NULL OR "hold_time_h" > 0))
--;
ALTER TABLE "network_authorisation" ADD CONSTRAINT "network_authorisation_dates" CHECK (("valid_to_on" IS NULL OR "valid_to_on" >= ("valid_from_on")))
--;
ALTER TABLE "network_authorisation" ADD CONSTRAINT "network_authorisation_route" CHECK ("route" IN ('none', 'clinical_trial', 'named_patient', 'conditional', 'commercial'))
--;
ALTER TABLE "network_authorisation" ADD CONSTRAINT "network_authorisation_overlap" EXCLUDE USING GIST ("therapy_code" WITH =, "market_id" WITH =, "indication_code" WITH =, "route" WITH =, (DATERANGE("valid_from_on", "valid_to_on", '[]')) WITH &&)
--;
CREATE INDEX "network_market_code_bfff9208_like" ON "network_market" ("code" text_pattern_ops)
--;
ALTER TABLE "network_equipment" ADD CONSTRAINT "network_equipment_room_id_e985c6ef_fk_network_room_id" FOREIGN KEY ("room_id") REFERENCES "network_room" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "network_equipment_code_8eb1c0c7_like" ON "network_equipment" ("code" text_pattern_ops)
--;
CREATE INDEX "network_equipment_serial_26dfc315_like" ON "network_equipment" ("serial" text_pattern_ops)
--;
CREATE INDEX "network_equipment_room_id_e985c6ef" ON "network_equipment" ("room_id")
--;
ALTER TABLE "network_site" ADD CONSTRAINT "network_site_market_id_60572931_fk_network_market_id" FOREIGN KEY ("market_id") REFERENCES "network_market" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "network_site_code_2590ae80_like" ON "network_site" ("code" text_pattern_ops)
--;
CREATE INDEX "network_site_market_id_60572931" ON "network_site" ("market_id")
--;
CREATE INDEX "network_room_site_id_d4bcde33" ON "network_room" ("site_id")
--;
ALTER TABLE "network_resource" ADD CONSTRAINT "network_resource_equipment_id_e9b9e0e2_fk_network_equipment_id" FOREIGN KEY ("equipment_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "network_resource" ADD CONSTRAINT "network_resource_site_id_e59e24bc_fk_network_site_id" FOREIGN KEY ("site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "network_resource_equipment_id_e9b9e0e2" ON "network_resource" ("equipment_id")
--;
CREATE INDEX "network_resource_site_id_e59e24bc" ON "network_resource" ("site_id")
--;
ALTER TABLE "network_lane" ADD CONSTRAINT "network_lane_carrier_id_9db77e2b_fk_network_site_id" FOREIGN KEY ("carrier_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "network_lane" ADD CONSTRAINT "network_lane_destination_id_ec3a4130_fk_network_site_id" FOREIGN KEY ("destination_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "network_lane" ADD CONSTRAINT "network_lane_origin_id_3eb2a21f_fk_network_site_id" FOREIGN KEY ("origin_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "network_lane_code_27d10ceb_like" ON "network_lane" ("code" text_pattern_ops)
--;
CREATE INDEX "network_lane_carrier_id_9db77e2b" ON "network_lane" ("carrier_id")
--;
CREATE INDEX "network_lane_destination_id_ec3a4130" ON "network_lane" ("destination_id")
--;
CREATE INDEX "network_lane_origin_id_3eb2a21f" ON "network_lane" ("origin_id")
--;
CREATE INDEX "network_equipment_site_id_6833b222" ON "network_equipment" ("site_id")
--;
ALTER TABLE "network_authorisation" ADD CONSTRAINT "network_authorisation_market_id_fc786201_fk_network_market_id" FOREIGN KEY ("market_id") REFERENCES "network_market" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "network_authorisation" ADD CONSTRAINT "network_authorisation_holder_id_b92f9d47_fk_network_site_id" FOREIGN KEY ("holder_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "network_authorisation_market_id_fc786201" ON "network_authorisation" ("market_id")
--;
CREATE INDEX "network_authorisation_holder_id_b92f9d47" ON "network_authorisation" ("holder_id")
--;
ALTER TABLE "network_reservation" ADD CONSTRAINT "network_reservation_resource_id_b3a1098f_fk_network_resource_id" FOREIGN KEY ("resource_id") REFERENCES "network_resource" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "network_reservation_resource_id_b3a1098f" ON "network_reservation" ("resource_id")
--;
CREATE INDEX "network_reservation_holder" ON "network_reservation" ("holder")
--;
CREATE TABLE "people_account" ("password" varchar(128) NOT NULL, "id" uuid NOT NULL PRIMARY KEY, "username" text NOT NULL UNIQUE, "name" text NOT NULL, "name_zh" text NOT NULL, "badge_code" text NULL UNIQUE, "pin" text NOT NULL, "state" text NOT NULL, "demonstration" boolean NOT NULL, "employer_id" uuid NULL)
--;
CREATE TABLE "people_accountrole" ("id" uuid NOT NULL PRIMARY KEY, "role" text NOT NULL, "valid" tstzrange NOT NULL, "account_id" uuid NOT NULL, "site_id" uuid NULL)
--;
CREATE TABLE "people_apitoken" ("id" uuid NOT NULL PRIMARY KEY, "label" text NOT NULL, "digest" text NOT NULL UNIQUE, "issued_at" timestamp with time zone NOT NULL, "expires_at" timestamp with time zone NOT NULL, "revoked_at" timestamp with time zone NULL, "account_id" uuid NOT NULL)
--;
CREATE TABLE "people_controlledsession" ("id" uuid NOT NULL PRIMARY KEY, "digest" text NOT NULL, "opened_at" timestamp with time zone NOT NULL, "seen_at" timestamp with time zone NOT NULL, "ended_at" timestamp with time zone NULL, "account_id" uuid NOT NULL)
--;
CREATE TABLE "people_delegation" ("id" uuid NOT NULL PRIMARY KEY, "role" text NOT NULL, "during" tstzrange NOT NULL, "cover" text NOT NULL, "reason" text NOT NULL, "state" text NOT NULL, "delegate_id" uuid NOT NULL, "delegator_id" uuid NOT NULL)
--;
CREATE TABLE "people_grant" ("id" uuid NOT NULL PRIMARY KEY, "digest" text NOT NULL UNIQUE, "action" text NOT NULL, "argument_digest" text NOT NULL, "method" text NOT NULL, "expires_at" timestamp with time zone NOT NULL, "used_at" timestamp with time zone NULL, "account_id" uuid NOT NULL)
--;
CREATE TABLE "people_training" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL, "valid_from_on" date NOT NULL, "valid_until_on" date NOT NULL, "account_id" uuid NOT NULL)
--;
CREATE TABLE "people_trainingrequirement" ("id" uuid NOT NULL PRIMARY KEY, "action" text NOT NULL, "code" text NOT NULL, CONSTRAINT "people_training_requirement_once" UNIQUE ("action", "code"))
--;
ALTER TABLE "people_account" ADD CONSTRAINT "people_account_state" CHECK ("state" IN ('machine', 'active', 'deactivated'))
--;
ALTER TABLE "people_account" ADD CONSTRAINT "people_account_employer" CHECK (("employer_id" IS NOT NULL OR "state" = 'machine'))
--;
ALTER TABLE "people_accountrole" ADD CONSTRAINT "people_role_once" EXCLUDE USING GIST ("account_id" WITH =, "role" WITH =, "valid" WITH &&)
--;
ALTER TABLE "people_accountrole" ADD CONSTRAINT "people_role_not_system" CHECK (NOT ("role" = 'system'))
--;
ALTER TABLE "people_controlledsession" ADD CONSTRAINT "people_session_once" UNIQUE ("account_id", "digest")
--;
ALTER TABLE "people_delegation" ADD CONSTRAINT "people_delegation_not_self" CHECK (NOT ("delegator_id" = ("delegate_id")))
--;
ALTER TABLE "people_delegation" ADD CONSTRAINT "people_delegation_not_empty" CHECK (NOT isempty("during"))
--;
ALTER TABLE "people_delegation" ADD CONSTRAINT "people_delegation_bounded" CHECK ((lower("during") IS NOT NULL AND upper("during") IS NOT NULL))
--;
ALTER TABLE "people_delegation" ADD CONSTRAINT "people_delegation_role" CHECK ("role" IN ('qualified_person'))
--;
CREATE INDEX "people_training_code" ON "people_training" ("account_id", "code")
--;
ALTER TABLE "people_training" ADD CONSTRAINT "people_training_dates" CHECK ("valid_until_on" >= ("valid_from_on"))
--;
ALTER TABLE "people_account" ADD CONSTRAINT "people_account_employer_id_6f21d1a6_fk_network_site_id" FOREIGN KEY ("employer_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_account_username_e074b194_like" ON "people_account" ("username" text_pattern_ops)
--;
CREATE INDEX "people_account_badge_code_c04b2374_like" ON "people_account" ("badge_code" text_pattern_ops)
--;
CREATE INDEX "people_account_employer_id_6f21d1a6" ON "people_account" ("employer_id")
--;
ALTER TABLE "people_accountrole" ADD CONSTRAINT "people_accountrole_account_id_1f2fb5e6_fk_people_account_id" FOREIGN KEY ("account_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "people_accountrole" ADD CONSTRAINT "people_accountrole_site_id_64c29b84_fk_network_site_id" FOREIGN KEY ("site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_accountrole_account_id_1f2fb5e6" ON "people_accountrole" ("account_id")
--;
CREATE INDEX "people_accountrole_site_id_64c29b84" ON "people_accountrole" ("site_id")
--;
ALTER TABLE "people_apitoken" ADD CONSTRAINT "people_apitoken_account_id_9baed165_fk_people_account_id" FOREIGN KEY ("account_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_apitoken_digest_af4674e2_like" ON "people_apitoken" ("digest" text_pattern_ops)
--;
CREATE INDEX "people_apitoken_account_id_9baed165" ON "people_apitoken" ("account_id")
--;
ALTER TABLE "people_controlledsession" ADD CONSTRAINT "people_controlledses_account_id_751c8fb2_fk_people_ac" FOREIGN KEY ("account_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_controlledsession_account_id_751c8fb2" ON "people_controlledsession" ("account_id")
--;
ALTER TABLE "people_delegation" ADD CONSTRAINT "people_delegation_delegate_id_c23c395c_fk_people_account_id" FOREIGN KEY ("delegate_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "people_delegation" ADD CONSTRAINT "people_delegation_delegator_id_119e63e7_fk_people_account_id" FOREIGN KEY ("delegator_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_delegation_delegate_id_c23c395c" ON "people_delegation" ("delegate_id")
--;
CREATE INDEX "people_delegation_delegator_id_119e63e7" ON "people_delegation" ("delegator_id")
--;
ALTER TABLE "people_grant" ADD CONSTRAINT "people_grant_account_id_22de1431_fk_people_account_id" FOREIGN KEY ("account_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_grant_digest_94e54483_like" ON "people_grant" ("digest" text_pattern_ops)
--;
CREATE INDEX "people_grant_account_id_22de1431" ON "people_grant" ("account_id")
--;
ALTER TABLE "people_training" ADD CONSTRAINT "people_training_account_id_6dc8e1f7_fk_people_account_id" FOREIGN KEY ("account_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "people_training_account_id_6dc8e1f7" ON "people_training" ("account_id")
--;
CREATE TABLE "identity_chain" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "therapy_code" text NOT NULL, "order_ref" text NOT NULL UNIQUE, "issued_at" timestamp with time zone NOT NULL, "state" text NOT NULL)
--;
CREATE TABLE "identity_container" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "kind" text NOT NULL, "role" text NOT NULL, "state" text NOT NULL, "disposition" text NOT NULL, "volume_ml" numeric(12, 3) NULL, "viable_cells" numeric(20, 0) NULL, "donation_number" text NOT NULL, "made_at" timestamp with time zone NOT NULL, "expires_at" timestamp with time zone NULL, "coi_id" uuid NOT NULL)
--;
CREATE TABLE "identity_kit" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "printed_at" timestamp with time zone NOT NULL, "labels_printed" integer NOT NULL, "state" text NOT NULL, "coi_id" uuid NOT NULL)
--;
CREATE TABLE "identity_label" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "code" text NOT NULL UNIQUE, "state" text NOT NULL, "ordinal" integer NULL, "purpose" text NOT NULL, "container_kind" text NOT NULL, "container_role" text NOT NULL, "printed_at" timestamp with time zone NOT NULL, "activated_at" timestamp with time zone NULL, "voided_at" timestamp with time zone NULL, "coi_id" uuid NOT NULL, "container_id" uuid NULL, "kit_id" uuid NULL, "reprint_of_id" uuid NULL UNIQUE)
--;
CREATE TABLE "identity_identitycheck" ("id" uuid NOT NULL PRIMARY KEY, "occasion" text NOT NULL, "manual" boolean NOT NULL, "checked_at" timestamp with time zone NOT NULL, "coi_id" uuid NOT NULL, "container_id" uuid NULL, "performed_by_id" uuid NOT NULL, "witnessed_by_id" uuid NOT NULL, "label_id" uuid NULL, "wristband_id" uuid NULL)
--;
CREATE TABLE "identity_parentage" ("id" uuid NOT NULL PRIMARY KEY, "child_id" uuid NOT NULL, "coi_id" uuid NOT NULL, "parent_id" uuid NOT NULL)
--;
CREATE TABLE "identity_patient" ("id" uuid NOT NULL PRIMARY KEY, "initials" text NOT NULL, "birth_date" date NOT NULL, "sex" text NOT NULL, "hospital_id" uuid NOT NULL)
--;
ALTER TABLE "identity_chain" ADD COLUMN "patient_id" uuid NOT NULL CONSTRAINT "identity_chain_patient_id_224823c6_fk_identity_patient_id" REFERENCES "identity_patient"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "identity_chain_patient_id_224823c6_fk_identity_patient_id" IMMEDIATE
--;
CREATE TABLE "identity_patientnumber" ("id" uuid NOT NULL PRIMARY KEY, "number_encrypted" text NOT NULL, "number_digest" text NOT NULL, "current" boolean NOT NULL, "linked_at" timestamp with time zone NOT NULL, "hospital_id" uuid NOT NULL, "patient_id" uuid NOT NULL)
--;
CREATE TABLE "identity_position" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "name" text NOT NULL, "equipment_id" uuid NULL, "site_id" uuid NOT NULL)
--;
CREATE TABLE "identity_custody" ("id" uuid NOT NULL PRIMARY KEY, "custodian_kind" text NOT NULL, "custodian_ref" text NOT NULL, "custodian_name" text NOT NULL, "during" tstzrange NOT NULL, "container_id" uuid NOT NULL, "position_id" uuid NULL)
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_on_chain" UNIQUE ("id", "coi_id")
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_kind" CHECK ("kind" IN ('starting_material', 'intermediate', 'final_product', 'sample', 'retain'))
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_state" CHECK ("state" IN ('expected', 'active', 'consumed', 'thawed', 'infused', 'destroyed'))
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_disposition" CHECK ("disposition" IN ('quarantined', 'accepted', 'released', 'rejected'))
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_volume" CHECK (("volume_ml" IS NULL OR "volume_ml" >= 0))
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_cells" CHECK (("viable_cells" IS NULL OR "viable_cells" >= 0))
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_only_product_infused" CHECK ((NOT ("state" = 'infused') OR "kind" = 'final_product'))
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_donation_one_chain" EXCLUDE USING GIST ("donation_number" WITH =, "coi_id" WITH <>) WHERE (NOT ("donation_number" = ''))
--;
ALTER TABLE "identity_kit" ADD CONSTRAINT "identity_kit_on_chain" UNIQUE ("id", "coi_id")
--;
ALTER TABLE "identity_kit" ADD CONSTRAINT "identity_kit_state" CHECK ("state" IN ('printed', 'reconciled'))
--;
ALTER TABLE "identity_kit" ADD CONSTRAINT "identity_kit_labels" CHECK ("labels_printed" >= 1)
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_kind" CHECK ("kind" IN ('container', 'wristband'))
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_state" CHECK ("state" IN ('printed', 'activated', 'used', 'voided'))
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_bound_when_in_force" CHECK ((("container_id" IS NULL AND "kind" = 'wristband') OR ("container_id" IS NULL AND "kind" = 'container' AND "state" = 'printed') OR ("container_id" IS NOT NULL AND "kind" = 'container' AND "state" IN ('activated', 'used')) OR ("kind" = 'container' AND "state" = 'voided')))
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_on_chain" UNIQUE ("id", "coi_id")
--;
CREATE UNIQUE INDEX "identity_one_label_in_force" ON "identity_label" ("container_id") WHERE "state" IN ('activated', 'used')
--;
CREATE UNIQUE INDEX "identity_one_wristband_in_force" ON "identity_label" ("coi_id") WHERE ("kind" = 'wristband' AND "state" IN ('activated', 'used'))
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_check_occasion" CHECK ("occasion" IN ('wristband', 'collection', 'receipt', 'thaw', 'infusion'))
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_check_two_people" CHECK (NOT ("performed_by_id" = ("witnessed_by_id")))
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_check_container" CHECK (("occasion" IN ('wristband', 'collection') OR "container_id" IS NOT NULL))
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_check_wristband" CHECK ((NOT ("occasion" IN ('wristband', 'collection', 'infusion')) OR "wristband_id" IS NOT NULL))
--;
ALTER TABLE "identity_parentage" ADD CONSTRAINT "identity_parentage_once" UNIQUE ("child_id", "parent_id")
--;
ALTER TABLE "identity_parentage" ADD CONSTRAINT "identity_parentage_not_itself" CHECK (NOT ("child_id" = ("parent_id")))
--;
ALTER TABLE "identity_patient" ADD CONSTRAINT "identity_patient_sex" CHECK ("sex" IN ('female', 'male', 'other', 'unknown'))
--;
ALTER TABLE "identity_chain" ADD CONSTRAINT "identity_chain_state" CHECK ("state" IN ('open', 'closed'))
--;
ALTER TABLE "identity_patientnumber" ADD CONSTRAINT "identity_number_one_patient" UNIQUE ("hospital_id", "number_digest")
--;
CREATE UNIQUE INDEX "identity_number_one_current" ON "identity_patientnumber" ("patient_id") WHERE "current"
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_custodian_kind" CHECK ("custodian_kind" IN ('person', 'organisation', 'location'))
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_custody_position" CHECK (("position_id" IS NULL OR "custodian_kind" = 'location'))
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_custody_not_empty" CHECK (NOT isempty("during"))
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_one_custodian" EXCLUDE USING GIST ("container_id" WITH =, "during" WITH &&)
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_one_container_a_position" EXCLUDE USING GIST ("position_id" WITH =, "during" WITH &&) WHERE ("position_id" IS NOT NULL)
--;
CREATE INDEX "identity_chain_code_1f042e51_like" ON "identity_chain" ("code" text_pattern_ops)
--;
CREATE INDEX "identity_chain_order_ref_01e39dd2_like" ON "identity_chain" ("order_ref" text_pattern_ops)
--;
ALTER TABLE "identity_container" ADD CONSTRAINT "identity_container_coi_id_c59d956b_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_container_code_057c455b_like" ON "identity_container" ("code" text_pattern_ops)
--;
CREATE INDEX "identity_container_coi_id_c59d956b" ON "identity_container" ("coi_id")
--;
ALTER TABLE "identity_kit" ADD CONSTRAINT "identity_kit_coi_id_c18f47f3_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_kit_code_41a61f08_like" ON "identity_kit" ("code" text_pattern_ops)
--;
CREATE INDEX "identity_kit_coi_id_c18f47f3" ON "identity_kit" ("coi_id")
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_coi_id_94c318b8_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_container_id_f1b5d3d6_fk_identity_container_id" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_kit_id_508e4a7a_fk_identity_kit_id" FOREIGN KEY ("kit_id") REFERENCES "identity_kit" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_label" ADD CONSTRAINT "identity_label_reprint_of_id_c725acf8_fk_identity_label_id" FOREIGN KEY ("reprint_of_id") REFERENCES "identity_label" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_label_code_14d621e8_like" ON "identity_label" ("code" text_pattern_ops)
--;
CREATE INDEX "identity_label_coi_id_94c318b8" ON "identity_label" ("coi_id")
--;
CREATE INDEX "identity_label_container_id_f1b5d3d6" ON "identity_label" ("container_id")
--;
CREATE INDEX "identity_label_kit_id_508e4a7a" ON "identity_label" ("kit_id")
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_identitycheck_coi_id_fc9218a5_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_identityche_container_id_8ff7824a_fk_identity_" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_identityche_performed_by_id_b0b496de_fk_people_ac" FOREIGN KEY ("performed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_identityche_witnessed_by_id_2f92ea90_fk_people_ac" FOREIGN KEY ("witnessed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_identitycheck_label_id_48737ffe_fk_identity_label_id" FOREIGN KEY ("label_id") REFERENCES "identity_label" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_identitycheck" ADD CONSTRAINT "identity_identityche_wristband_id_77c2d459_fk_identity_" FOREIGN KEY ("wristband_id") REFERENCES "identity_label" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_identitycheck_coi_id_fc9218a5" ON "identity_identitycheck" ("coi_id")
--;
CREATE INDEX "identity_identitycheck_container_id_8ff7824a" ON "identity_identitycheck" ("container_id")
--;
CREATE INDEX "identity_identitycheck_performed_by_id_b0b496de" ON "identity_identitycheck" ("performed_by_id")
--;
CREATE INDEX "identity_identitycheck_witnessed_by_id_2f92ea90" ON "identity_identitycheck" ("witnessed_by_id")
--;
CREATE INDEX "identity_identitycheck_label_id_48737ffe" ON "identity_identitycheck" ("label_id")
--;
CREATE INDEX "identity_identitycheck_wristband_id_77c2d459" ON "identity_identitycheck" ("wristband_id")
--;
ALTER TABLE "identity_parentage" ADD CONSTRAINT "identity_parentage_child_id_85e9018f_fk_identity_container_id" FOREIGN KEY ("child_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_parentage" ADD CONSTRAINT "identity_parentage_coi_id_dd2c7773_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_parentage" ADD CONSTRAINT "identity_parentage_parent_id_f901e3b4_fk_identity_container_id" FOREIGN KEY ("parent_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_parentage_child_id_85e9018f" ON "identity_parentage" ("child_id")
--;
CREATE INDEX "identity_parentage_coi_id_dd2c7773" ON "identity_parentage" ("coi_id")
--;
CREATE INDEX "identity_parentage_parent_id_f901e3b4" ON "identity_parentage" ("parent_id")
--;
ALTER TABLE "identity_patient" ADD CONSTRAINT "identity_patient_hospital_id_c104d134_fk_network_site_id" FOREIGN KEY ("hospital_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_patient_hospital_id_c104d134" ON "identity_patient" ("hospital_id")
--;
CREATE INDEX "identity_chain_patient_id_224823c6" ON "identity_chain" ("patient_id")
--;
ALTER TABLE "identity_patientnumber" ADD CONSTRAINT "identity_patientnumber_hospital_id_c671bcd3_fk_network_site_id" FOREIGN KEY ("hospital_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_patientnumber" ADD CONSTRAINT "identity_patientnumb_patient_id_f8cbda43_fk_identity_" FOREIGN KEY ("patient_id") REFERENCES "identity_patient" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_patientnumber_hospital_id_c671bcd3" ON "identity_patientnumber" ("hospital_id")
--;
CREATE INDEX "identity_patientnumber_patient_id_f8cbda43" ON "identity_patientnumber" ("patient_id")
--;
ALTER TABLE "identity_position" ADD CONSTRAINT "identity_position_equipment_id_3fa83f66_fk_network_equipment_id" FOREIGN KEY ("equipment_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_position" ADD CONSTRAINT "identity_position_site_id_3e2caa03_fk_network_site_id" FOREIGN KEY ("site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_position_code_ba0a6e6d_like" ON "identity_position" ("code" text_pattern_ops)
--;
CREATE INDEX "identity_position_equipment_id_3fa83f66" ON "identity_position" ("equipment_id")
--;
CREATE INDEX "identity_position_site_id_3e2caa03" ON "identity_position" ("site_id")
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_custody_container_id_760abf89_fk_identity_container_id" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "identity_custody" ADD CONSTRAINT "identity_custody_position_id_984a9092_fk_identity_position_id" FOREIGN KEY ("position_id") REFERENCES "identity_position" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "identity_custody_container_id_760abf89" ON "identity_custody" ("container_id")
--;
CREATE INDEX "identity_custody_position_id_984a9092" ON "identity_custody" ("position_id")
--;
ALTER TABLE identity_patient ADD CONSTRAINT identity_patient_of_hospital UNIQUE (id, hospital_id);
ALTER TABLE identity_patientnumber ADD CONSTRAINT identity_number_same_hospital
    FOREIGN KEY (patient_id, hospital_id) REFERENCES identity_patient (id, hospital_id);
ALTER TABLE identity_parentage
    ADD CONSTRAINT identity_parentage_child_on_chain
    FOREIGN KEY (child_id, coi_id) REFERENCES identity_container (id, coi_id),
    ADD CONSTRAINT identity_parentage_parent_on_chain
    FOREIGN KEY (parent_id, coi_id) REFERENCES identity_container (id, coi_id);
ALTER TABLE identity_label
    ADD CONSTRAINT identity_label_container_on_chain
    FOREIGN KEY (container_id, coi_id) REFERENCES identity_container (id, coi_id),
    ADD CONSTRAINT identity_label_kit_on_chain
    FOREIGN KEY (kit_id, coi_id) REFERENCES identity_kit (id, coi_id),
    ADD CONSTRAINT identity_label_reprint_on_chain
    FOREIGN KEY (reprint_of_id, coi_id) REFERENCES identity_label (id, coi_id);
ALTER TABLE identity_identitycheck
    ADD CONSTRAINT identity_check_container_on_chain
    FOREIGN KEY (container_id, coi_id) REFERENCES identity_container (id, coi_id),
    ADD CONSTRAINT identity_check_wristband_on_chain
    FOREIGN KEY (wristband_id, coi_id) REFERENCES identity_label (id, coi_id),
    ADD CONSTRAINT identity_check_label_on_chain
    FOREIGN KEY (label_id, coi_id) REFERENCES identity_label (id, coi_id)
--;
CREATE FUNCTION identity_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF to_jsonb(OLD)->name IS DISTINCT FROM to_jsonb(NEW)->name THEN
            RAISE EXCEPTION '% of % never changes', name, TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_' || name || '_kept', TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE FUNCTION identity_set_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF coalesce(to_jsonb(OLD)->>name, '') <> '' AND to_jsonb(OLD)->name IS DISTINCT FROM to_jsonb(NEW)->name THEN
            RAISE EXCEPTION '% of % is set once', name, TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_' || name || '_once', TABLE = TG_TABLE_NAME;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

CREATE FUNCTION identity_follow_table() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state = ANY (TG_ARGV)) THEN
        RAISE EXCEPTION '% does not go from % to %', TG_TABLE_NAME, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_transition', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER identity_patient_keep BEFORE UPDATE ON identity_patient
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'hospital_id');
CREATE TRIGGER identity_patientnumber_keep BEFORE UPDATE ON identity_patientnumber
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'patient_id', 'hospital_id', 'number_encrypted', 'number_digest', 'linked_at');
CREATE TRIGGER identity_chain_keep BEFORE UPDATE ON identity_chain
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'code', 'patient_id', 'therapy_code', 'order_ref', 'issued_at');
CREATE TRIGGER identity_chain_table BEFORE UPDATE ON identity_chain
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('open>closed');
CREATE TRIGGER identity_container_keep BEFORE UPDATE ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'coi_id', 'code', 'kind', 'role');
CREATE TRIGGER identity_container_once BEFORE UPDATE ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_set_once('donation_number');
CREATE TRIGGER identity_container_table BEFORE UPDATE ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('expected>active', 'expected>destroyed', 'active>consumed',
        'active>thawed', 'active>destroyed', 'thawed>consumed', 'thawed>infused', 'thawed>destroyed');
CREATE TRIGGER identity_parentage_keep BEFORE UPDATE ON identity_parentage
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'coi_id', 'child_id', 'parent_id');
CREATE TRIGGER identity_kit_keep BEFORE UPDATE ON identity_kit
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'coi_id', 'code', 'printed_at', 'labels_printed');
CREATE TRIGGER identity_kit_table BEFORE UPDATE ON identity_kit
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('printed>reconciled');
CREATE TRIGGER identity_label_keep BEFORE UPDATE ON identity_label
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'coi_id', 'kind', 'code', 'kit_id', 'ordinal', 'purpose',
        'container_kind', 'container_role', 'reprint_of_id', 'printed_at');
CREATE TRIGGER identity_label_once BEFORE UPDATE ON identity_label
    FOR EACH ROW EXECUTE FUNCTION identity_set_once('container_id', 'activated_at', 'voided_at');
CREATE TRIGGER identity_label_table BEFORE UPDATE ON identity_label
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('printed>activated', 'printed>voided', 'activated>used',
        'activated>voided', 'used>voided');
CREATE TRIGGER identity_identitycheck_keep BEFORE UPDATE ON identity_identitycheck
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'coi_id', 'occasion', 'container_id', 'performed_by_id',
        'witnessed_by_id', 'wristband_id', 'label_id', 'manual', 'checked_at');
CREATE TRIGGER identity_custody_keep BEFORE UPDATE ON identity_custody
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'container_id', 'custodian_kind', 'custodian_ref', 'custodian_name', 'position_id')
--;
CREATE FUNCTION identity_custody_closes() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.during IS DISTINCT FROM OLD.during
       AND NOT (upper_inf(OLD.during) AND lower(NEW.during) = lower(OLD.during) AND NOT upper_inf(NEW.during)) THEN
        RAISE EXCEPTION 'a custody is closed once, and is otherwise never changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_custody_closes_once', TABLE = 'identity_custody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_custody_closes BEFORE UPDATE ON identity_custody
    FOR EACH ROW EXECUTE FUNCTION identity_custody_closes();

CREATE FUNCTION identity_chain_is_open() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE found text;
BEGIN
    SELECT state INTO found FROM identity_chain WHERE id = NEW.coi_id FOR SHARE;
    IF found = 'closed' THEN
        RAISE EXCEPTION 'nothing more is tied to a closed chain of identity'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_chain_open', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_container_open BEFORE INSERT ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_chain_is_open();
CREATE TRIGGER identity_kit_open BEFORE INSERT ON identity_kit
    FOR EACH ROW EXECUTE FUNCTION identity_chain_is_open();

CREATE FUNCTION identity_product_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.disposition = 'rejected' AND NEW.disposition <> 'rejected' THEN
        RAISE EXCEPTION 'a rejection is final'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_rejection_final', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.state = OLD.state OR NEW.kind <> 'final_product' OR NEW.state NOT IN ('thawed', 'infused') THEN
        RETURN NEW;
    END IF;
    IF OLD.disposition <> 'released' OR NEW.disposition <> 'released' THEN
        RAISE EXCEPTION 'a product that is not released is neither thawed nor infused'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_product_released', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.state = 'infused' AND NOT EXISTS (
        SELECT 1 FROM identity_identitycheck WHERE container_id = NEW.id AND coi_id = NEW.coi_id AND occasion = 'infusion') THEN
        RAISE EXCEPTION 'no product is infused without the bedside check of two people'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_infused_after_check', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_product_guard BEFORE UPDATE ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_product_guard();

CREATE FUNCTION identity_container_rooted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.kind <> 'starting_material' AND NOT EXISTS (SELECT 1 FROM identity_parentage WHERE child_id = NEW.id) THEN
        RAISE EXCEPTION 'container % has no parent', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_container_has_parent', TABLE = TG_TABLE_NAME;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM identity_label WHERE container_id = NEW.id) THEN
        RAISE EXCEPTION 'container % has no label', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_container_has_label', TABLE = TG_TABLE_NAME;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM identity_custody WHERE container_id = NEW.id) THEN
        RAISE EXCEPTION 'container % is in nobody''s custody', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_container_has_custodian', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER identity_container_rooted AFTER INSERT ON identity_container
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity_container_rooted();

CREATE FUNCTION identity_label_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state = 'voided' AND OLD.state <> 'voided' AND EXISTS (
        SELECT 1 FROM identity_container c WHERE c.id = NEW.container_id
        AND c.state NOT IN ('consumed', 'infused', 'destroyed')
        AND NOT EXISTS (SELECT 1 FROM identity_label l WHERE l.container_id = c.id AND l.state IN ('activated', 'used'))) THEN
        RAISE EXCEPTION 'a container keeps exactly one label in force'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_label_stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER identity_label_stays AFTER UPDATE ON identity_label
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity_label_stays()
--;
CREATE TABLE "orders_dosebag" ("id" uuid NOT NULL PRIMARY KEY, "cells" numeric(20, 4) NOT NULL, "volume_ml" numeric(8, 2) NOT NULL, "thawed_at" timestamp with time zone NULL, "thawed_by" uuid NULL, "matched_at" timestamp with time zone NULL, "matched_by" uuid NULL, "witnessed_by" uuid NULL, "container_id" uuid NOT NULL UNIQUE)
--;
CREATE TABLE "orders_order" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "state" text NOT NULL, "therapy_code" text NOT NULL, "indication_code" text NOT NULL, "market" text NOT NULL, "route" text NOT NULL, "authorisation_reference" text NOT NULL, "protocol" text NOT NULL, "subject_number" text NOT NULL, "arm" text NOT NULL, "trial_only" boolean NOT NULL, "dose_amount" numeric(20, 4) NOT NULL, "dose_unit" text NOT NULL, "dose_basis" text NOT NULL, "weight_kg" numeric(6, 2) NOT NULL, "weight_measured_at" timestamp with time zone NOT NULL, "consent_version" text NOT NULL, "consent_signed_on" date NOT NULL, "starting_material" text NOT NULL, "collection_planned_at" timestamp with time zone NOT NULL, "drafted_at" timestamp with time zone NOT NULL, "drafted_by" uuid NOT NULL, "prescribed_at" timestamp with time zone NULL, "prescribed_by" uuid NULL, "accepted_at" timestamp with time zone NULL, "rfi_number" text NOT NULL, "released_at" timestamp with time zone NULL, "at_site_at" timestamp with time zone NULL, "cleared_at" timestamp with time zone NULL, "lymphodepletion_started_at" timestamp with time zone NULL, "dose_confirmed_at" timestamp with time zone NULL, "dose_confirmed_by" uuid NULL, "dose_confirmed_total" numeric(20, 4) NULL, "dose_confirmed_weight_kg" numeric(6, 2) NULL, "coi_id" uuid NULL UNIQUE, "definition_id" uuid NOT NULL, "hospital_id" uuid NOT NULL, "manufacturing_site_id" uuid NULL, "patient_id" uuid NOT NULL, "slot_id" uuid NULL UNIQUE)
--;
CREATE TABLE "orders_infusion" ("id" uuid NOT NULL PRIMARY KEY, "started_at" timestamp with time zone NOT NULL, "started_by" uuid NOT NULL, "ended_at" timestamp with time zone NULL, "end" text NOT NULL, "volume_ml" numeric(8, 2) NULL, "remark" text NOT NULL, "bag_id" uuid NOT NULL UNIQUE, "order_id" uuid NOT NULL)
--;
CREATE TABLE "orders_followupvisit" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL, "name_en" text NOT NULL, "name_zh" text NOT NULL, "day" integer NOT NULL, "due_on" date NOT NULL, "window_from_on" date NOT NULL, "window_to_on" date NOT NULL, "state" text NOT NULL, "held_on" date NULL, "remark" text NOT NULL, "order_id" uuid NOT NULL)
--;
ALTER TABLE "orders_dosebag" ADD COLUMN "order_id" uuid NOT NULL CONSTRAINT "orders_dosebag_order_id_e9e23787_fk_orders_order_id" REFERENCES "orders_order"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "orders_dosebag_order_id_e9e23787_fk_orders_order_id" IMMEDIATE
--;
CREATE TABLE "orders_collection" ("id" uuid NOT NULL PRIMARY KEY, "started_at" timestamp with time zone NOT NULL, "started_by" uuid NOT NULL, "donation_number" text NOT NULL, "alternative" text NOT NULL, "ended_at" timestamp with time zone NULL, "volume_ml" numeric(8, 2) NULL, "container_id" uuid NULL UNIQUE, "order_id" uuid NOT NULL UNIQUE)
--;
CREATE TABLE "orders_priortherapy" ("id" uuid NOT NULL PRIMARY KEY, "drug_class" text NOT NULL, "drug" text NOT NULL, "ended_on" date NULL, "order_id" uuid NOT NULL)
--;
CREATE TABLE "orders_reconfirmation" ("id" uuid NOT NULL PRIMARY KEY, "moment" text NOT NULL, "role" text NOT NULL, "confirmed_at" timestamp with time zone NOT NULL, "confirmed_by" uuid NOT NULL, "order_id" uuid NOT NULL)
--;
CREATE TABLE "orders_virology" ("id" uuid NOT NULL PRIMARY KEY, "marker" text NOT NULL, "result" text NOT NULL, "tested_on" date NOT NULL, "order_id" uuid NOT NULL)
--;
CREATE INDEX "orders_order_hospital" ON "orders_order" ("hospital_id", "state")
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_state" CHECK ("state" IN ('drafted', 'submitted', 'accepted', 'collecting', 'collected', 'in_transit', 'received', 'material_accepted', 'in_manufacture', 'manufactured', 'released', 'dispatched', 'at_site', 'cleared', 'thawed', 'infused', 'closed', 'cancelled'))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_route" CHECK ("route" IN ('clinical_trial', 'named_patient', 'conditional', 'commercial'))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_accepted_has_coi" CHECK (("state" IN ('drafted', 'submitted', 'cancelled') OR "coi_id" IS NOT NULL))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_trial_named" CHECK ((NOT ("route" = 'clinical_trial') OR (NOT ("protocol" = '') AND NOT ("subject_number" = ''))))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_positive" CHECK (("weight_kg" > 0 AND "dose_amount" > 0))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_release_recorded" CHECK ((NOT ("state" IN ('released', 'dispatched', 'at_site', 'cleared', 'thawed', 'infused', 'closed')) OR NOT ("rfi_number" = '')))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_infusion_gated" CHECK ((NOT ("state" IN ('thawed', 'infused', 'closed')) OR ("cleared_at" IS NOT NULL AND "dose_confirmed_at" IS NOT NULL)))
--;
ALTER TABLE "orders_infusion" ADD CONSTRAINT "orders_infusion_ended" CHECK (("ended_at" IS NULL OR "ended_at" >= ("started_at")))
--;
ALTER TABLE "orders_followupvisit" ADD CONSTRAINT "orders_visit_once" UNIQUE ("order_id", "code")
--;
ALTER TABLE "orders_followupvisit" ADD CONSTRAINT "orders_visit_state" CHECK ("state" IN ('due', 'held', 'missed'))
--;
ALTER TABLE "orders_followupvisit" ADD CONSTRAINT "orders_visit_held" CHECK ((NOT ("state" = 'held') OR "held_on" IS NOT NULL))
--;
ALTER TABLE "orders_dosebag" ADD CONSTRAINT "orders_dose_bag_positive" CHECK (("cells" > 0 AND "volume_ml" > 0))
--;
ALTER TABLE "orders_dosebag" ADD CONSTRAINT "orders_dose_bag_matched_by_two" CHECK (("matched_at" IS NULL OR ("thawed_at" IS NOT NULL AND "witnessed_by" IS NOT NULL AND NOT ("witnessed_by" = ("matched_by") AND "witnessed_by" IS NOT NULL AND "matched_by" IS NOT NULL))))
--;
ALTER TABLE "orders_collection" ADD CONSTRAINT "orders_collection_ended" CHECK (("ended_at" IS NULL OR ("ended_at" >= ("started_at") AND "container_id" IS NOT NULL)))
--;
ALTER TABLE "orders_virology" ADD CONSTRAINT "orders_virology_marker_once" UNIQUE ("order_id", "marker")
--;
ALTER TABLE "orders_dosebag" ADD CONSTRAINT "orders_dosebag_container_id_839d07a4_fk_identity_container_id" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_coi_id_1eca3fcf_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_definition_id_1172571b_fk_therapies" FOREIGN KEY ("definition_id") REFERENCES "therapies_definitionversion" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_hospital_id_81b13ef1_fk_network_site_id" FOREIGN KEY ("hospital_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_manufacturing_site_id_b55b0d0e_fk_network_site_id" FOREIGN KEY ("manufacturing_site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_patient_id_57066673_fk_identity_patient_id" FOREIGN KEY ("patient_id") REFERENCES "identity_patient" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_slot_id_258459b2_fk_network_reservation_id" FOREIGN KEY ("slot_id") REFERENCES "network_reservation" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "orders_order_code_20afc605_like" ON "orders_order" ("code" text_pattern_ops)
--;
CREATE INDEX "orders_order_definition_id_1172571b" ON "orders_order" ("definition_id")
--;
CREATE INDEX "orders_order_hospital_id_81b13ef1" ON "orders_order" ("hospital_id")
--;
CREATE INDEX "orders_order_manufacturing_site_id_b55b0d0e" ON "orders_order" ("manufacturing_site_id")
--;
CREATE INDEX "orders_order_patient_id_57066673" ON "orders_order" ("patient_id")
--;
ALTER TABLE "orders_infusion" ADD CONSTRAINT "orders_infusion_bag_id_17d6ecfe_fk_orders_dosebag_id" FOREIGN KEY ("bag_id") REFERENCES "orders_dosebag" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_infusion" ADD CONSTRAINT "orders_infusion_order_id_c764c928_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "orders_infusion_order_id_c764c928" ON "orders_infusion" ("order_id")
--;
ALTER TABLE "orders_followupvisit" ADD CONSTRAINT "orders_followupvisit_order_id_4cfcab2e_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "orders_followupvisit_order_id_4cfcab2e" ON "orders_followupvisit" ("order_id")
--;
CREATE INDEX "orders_dosebag_order_id_e9e23787" ON "orders_dosebag" ("order_id")
--;
ALTER TABLE "orders_collection" ADD CONSTRAINT "orders_collection_container_id_528af859_fk_identity_" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_collection" ADD CONSTRAINT "orders_collection_order_id_16d3b44a_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_priortherapy" ADD CONSTRAINT "orders_priortherapy_order_id_580ffd04_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "orders_priortherapy_order_id_580ffd04" ON "orders_priortherapy" ("order_id")
--;
ALTER TABLE "orders_reconfirmation" ADD CONSTRAINT "orders_reconfirmation_order_id_7ad1605e_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "orders_reconfirmation_order_id_7ad1605e" ON "orders_reconfirmation" ("order_id")
--;
ALTER TABLE "orders_virology" ADD CONSTRAINT "orders_virology_order_id_eeb022f9_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "orders_virology_order_id_eeb022f9" ON "orders_virology" ("order_id")
--;
CREATE TABLE "exchange_receivedbundle" ("id" uuid NOT NULL PRIMARY KEY, "hospital_code" text NOT NULL, "identifier" text NOT NULL, "digest" text NOT NULL, "filename" text NOT NULL, "received_at" timestamp with time zone NOT NULL, "order_id" uuid NOT NULL UNIQUE, CONSTRAINT "exchange_bundle_once" UNIQUE ("hospital_code", "identifier"))
--;
ALTER TABLE "exchange_receivedbundle" ADD CONSTRAINT "exchange_receivedbundle_order_id_4cca99b4_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
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
    FOR EACH ROW EXECUTE FUNCTION therapies_content_fixed()
--;
CREATE FUNCTION orders_order_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.patient_id, new.definition_id, new.hospital_id)
        IS DISTINCT FROM (old.patient_id, old.definition_id, old.hospital_id) THEN
        RAISE EXCEPTION 'patient, hospital and definition of an order are fixed'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_order_fixed';
    END IF;
    IF tg_op = 'UPDATE' AND old.coi_id IS NOT NULL AND new.coi_id IS DISTINCT FROM old.coi_id THEN
        RAISE EXCEPTION 'the chain of identity of an order is fixed'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_order_fixed';
    END IF;
    IF new.coi_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM identity_chain c WHERE c.id = new.coi_id AND c.patient_id = new.patient_id
    ) THEN
        RAISE EXCEPTION 'the chain of identity is another patient''s'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_order_thread';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_order_thread BEFORE INSERT OR UPDATE ON orders_order
    FOR EACH ROW EXECUTE FUNCTION orders_order_thread();

CREATE FUNCTION orders_bag_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.order_id, new.container_id, new.cells) IS DISTINCT FROM
        (old.order_id, old.container_id, old.cells) THEN
        RAISE EXCEPTION 'a dose bag is fixed' USING ERRCODE = '23514', CONSTRAINT = 'orders_bag_fixed';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM orders_order o JOIN identity_container c ON c.coi_id = o.coi_id
        WHERE o.id = new.order_id AND c.id = new.container_id AND c.kind = 'final_product'
            AND (tg_op = 'UPDATE' OR c.disposition = 'released')
    ) THEN
        RAISE EXCEPTION 'the container is not released product of this order''s chain of identity'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_bag_thread';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_bag_thread BEFORE INSERT OR UPDATE ON orders_dosebag
    FOR EACH ROW EXECUTE FUNCTION orders_bag_thread();

CREATE FUNCTION orders_infusion_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM orders_dosebag b
        JOIN orders_order o ON o.id = b.order_id
        JOIN identity_container c ON c.id = b.container_id AND c.coi_id = o.coi_id
        WHERE b.id = new.bag_id AND b.order_id = new.order_id AND b.matched_at IS NOT NULL
            AND o.state = 'thawed' AND o.rfi_number <> '' AND c.disposition = 'released'
    ) THEN
        RAISE EXCEPTION 'the bag is not this order''s, not released, or not matched at the bedside'
            USING ERRCODE = '23514', CONSTRAINT = 'orders_infusion_gate';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_infusion_gate BEFORE INSERT ON orders_infusion
    FOR EACH ROW EXECUTE FUNCTION orders_infusion_gate();

CREATE FUNCTION orders_infusion_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.order_id, new.bag_id, new.started_at) IS DISTINCT FROM (old.order_id, old.bag_id, old.started_at) THEN
        RAISE EXCEPTION 'an infusion is fixed' USING ERRCODE = '23514', CONSTRAINT = 'orders_infusion_fixed';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_infusion_fixed BEFORE UPDATE ON orders_infusion
    FOR EACH ROW EXECUTE FUNCTION orders_infusion_fixed()
--;
ALTER TABLE "identity_chain" ADD COLUMN "therapy_name_en" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "therapy_name_en" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "therapy_name_zh" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "therapy_name_zh" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "product_code" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "product_code" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "protocol" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "protocol" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "subject_number" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "subject_number" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "authorisation_reference" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "authorisation_reference" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "label_set" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "label_set" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "contents_en" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "contents_en" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "contents_zh" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "contents_zh" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "storage_en" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "storage_en" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "storage_zh" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "storage_zh" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "batch_number" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "batch_number" DROP DEFAULT
--;
ALTER TABLE "identity_label" ADD COLUMN "purpose_zh" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_label" ALTER COLUMN "purpose_zh" DROP DEFAULT
--;
ALTER TABLE "identity_label" ADD COLUMN "storage_en" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_label" ALTER COLUMN "storage_en" DROP DEFAULT
--;
ALTER TABLE "identity_label" ADD COLUMN "storage_zh" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_label" ALTER COLUMN "storage_zh" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "trial_only" boolean DEFAULT false NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "trial_only" DROP DEFAULT
--;
ALTER TABLE "identity_chain" ADD COLUMN "label_sets" jsonb DEFAULT '[]'::jsonb NOT NULL
--;
ALTER TABLE "identity_chain" ALTER COLUMN "label_sets" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "made_by_site_id" uuid NULL CONSTRAINT "identity_container_made_by_site_id_36676377_fk_network_site_id" REFERENCES "network_site"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "identity_container_made_by_site_id_36676377_fk_network_site_id" IMMEDIATE
--;
ALTER TABLE identity_chain ALTER COLUMN therapy_name_en SET DEFAULT '';ALTER TABLE identity_chain ALTER COLUMN therapy_name_zh SET DEFAULT '';ALTER TABLE identity_chain ALTER COLUMN product_code SET DEFAULT '';ALTER TABLE identity_chain ALTER COLUMN protocol SET DEFAULT '';ALTER TABLE identity_chain ALTER COLUMN subject_number SET DEFAULT '';ALTER TABLE identity_chain ALTER COLUMN authorisation_reference SET DEFAULT '';ALTER TABLE identity_container ALTER COLUMN label_set SET DEFAULT '';ALTER TABLE identity_container ALTER COLUMN contents_en SET DEFAULT '';ALTER TABLE identity_container ALTER COLUMN contents_zh SET DEFAULT '';ALTER TABLE identity_container ALTER COLUMN storage_en SET DEFAULT '';ALTER TABLE identity_container ALTER COLUMN storage_zh SET DEFAULT '';ALTER TABLE identity_container ALTER COLUMN batch_number SET DEFAULT '';ALTER TABLE identity_label ALTER COLUMN purpose_zh SET DEFAULT '';ALTER TABLE identity_label ALTER COLUMN storage_en SET DEFAULT '';ALTER TABLE identity_label ALTER COLUMN storage_zh SET DEFAULT ''
--;
ALTER TABLE identity_chain ALTER COLUMN trial_only SET DEFAULT false, ALTER COLUMN label_sets SET DEFAULT '[]'
--;
CREATE TRIGGER identity_chain_labels_keep BEFORE UPDATE ON identity_chain
    FOR EACH ROW EXECUTE FUNCTION identity_keep('therapy_name_en', 'therapy_name_zh', 'product_code', 'trial_only',
        'protocol', 'subject_number', 'authorisation_reference', 'label_sets');
CREATE TRIGGER identity_container_label_keep BEFORE UPDATE ON identity_container
    FOR EACH ROW EXECUTE FUNCTION identity_keep('label_set', 'contents_en', 'contents_zh', 'batch_number', 'made_by_site_id');
CREATE TRIGGER identity_label_says_keep BEFORE UPDATE ON identity_label
    FOR EACH ROW EXECUTE FUNCTION identity_keep('purpose_zh', 'storage_en', 'storage_zh')
--;
CREATE INDEX "identity_container_made_by_site_id_36676377" ON "identity_container" ("made_by_site_id")
--;
CREATE TABLE "orders_interruption" ("id" uuid NOT NULL PRIMARY KEY, "cause" text NOT NULL, "reason" text NOT NULL, "from_state" text NOT NULL, "stopped_at" timestamp with time zone NOT NULL, "decision" text NOT NULL, "decision_reason" text NOT NULL, "decided_at" timestamp with time zone NULL, "decided_by" uuid NULL)
--;
CREATE TABLE "orders_obstacle" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "reason" text NOT NULL, "reported_at" timestamp with time zone NOT NULL, "reported_by" uuid NOT NULL, "lifted_at" timestamp with time zone NULL, "lifted_by" uuid NULL, "lift_reason" text NOT NULL)
--;
ALTER TABLE "orders_followupvisit" DROP CONSTRAINT "orders_visit_state"
--;
ALTER TABLE "orders_order" DROP CONSTRAINT "orders_order_state"
--;
ALTER TABLE "orders_collection" ADD COLUMN "failed_at" timestamp with time zone NULL
--;
ALTER TABLE "orders_collection" ADD COLUMN "ordinal" integer DEFAULT 1 NOT NULL
--;
ALTER TABLE "orders_collection" ALTER COLUMN "ordinal" DROP DEFAULT
--;
ALTER TABLE "orders_dosebag" ADD COLUMN "withdrawn_at" timestamp with time zone NULL
--;
ALTER TABLE "orders_dosebag" ADD COLUMN "withdrawn_reason" text DEFAULT '' NOT NULL
--;
ALTER TABLE "orders_dosebag" ALTER COLUMN "withdrawn_reason" DROP DEFAULT
--;
ALTER TABLE "orders_infusion" ADD COLUMN "interrupted_at" timestamp with time zone NULL
--;
ALTER TABLE "orders_order" ADD COLUMN "end_cause" text DEFAULT '' NOT NULL
--;
ALTER TABLE "orders_order" ALTER COLUMN "end_cause" DROP DEFAULT
--;
ALTER TABLE "orders_order" ADD COLUMN "ended_at" timestamp with time zone NULL
--;
ALTER TABLE "orders_order" ADD COLUMN "reduced_dose" boolean DEFAULT false NOT NULL
--;
ALTER TABLE "orders_order" ALTER COLUMN "reduced_dose" DROP DEFAULT
--;
SET CONSTRAINTS "orders_collection_order_id_16d3b44a_fk_orders_order_id" IMMEDIATE; ALTER TABLE "orders_collection" DROP CONSTRAINT "orders_collection_order_id_16d3b44a_fk_orders_order_id"
--;
ALTER TABLE "orders_collection" DROP CONSTRAINT "orders_collection_order_id_key"
--;
CREATE INDEX "orders_collection_order_id_16d3b44a" ON "orders_collection" ("order_id")
--;
ALTER TABLE "orders_collection" ADD CONSTRAINT "orders_collection_order_id_16d3b44a_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "orders_collection" ADD CONSTRAINT "orders_collection_in_line" UNIQUE ("order_id", "ordinal")
--;
CREATE UNIQUE INDEX "orders_collection_one_running" ON "orders_collection" ("order_id") WHERE ("ended_at" IS NULL AND "failed_at" IS NULL)
--;
ALTER TABLE "orders_followupvisit" ADD CONSTRAINT "orders_visit_state" CHECK ("state" IN ('due', 'held', 'missed', 'waived'))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_state" CHECK ("state" IN ('drafted', 'submitted', 'accepted', 'collecting', 'collected', 'in_transit', 'received', 'material_accepted', 'in_manufacture', 'manufactured', 'released', 'dispatched', 'at_site', 'cleared', 'thawed', 'infused', 'closed', 'stopped', 'cancelled'))
--;
ALTER TABLE "orders_order" ADD CONSTRAINT "orders_order_cleared_when_secured" CHECK (("cleared_at" IS NULL OR ("at_site_at" IS NOT NULL AND NOT ("rfi_number" = ''))))
--;
ALTER TABLE "orders_interruption" ADD COLUMN "order_id" uuid NOT NULL CONSTRAINT "orders_interruption_order_id_e0ee47f7_fk_orders_order_id" REFERENCES "orders_order"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "orders_interruption_order_id_e0ee47f7_fk_orders_order_id" IMMEDIATE
--;
ALTER TABLE "orders_obstacle" ADD COLUMN "order_id" uuid NOT NULL CONSTRAINT "orders_obstacle_order_id_b2bea780_fk_orders_order_id" REFERENCES "orders_order"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "orders_obstacle_order_id_b2bea780_fk_orders_order_id" IMMEDIATE
--;
CREATE UNIQUE INDEX "orders_one_open_interruption" ON "orders_interruption" ("order_id") WHERE "decided_at" IS NULL
--;
ALTER TABLE "orders_interruption" ADD CONSTRAINT "orders_stop_cause" CHECK ("cause" IN ('collection_failed', 'material_rejected', 'shipment_lost', 'batch_terminated', 'batch_rejected', 'product_rejected', 'product_recalled', 'infusion_refused'))
--;
ALTER TABLE "orders_interruption" ADD CONSTRAINT "orders_interruption_decided" CHECK (("decided_at" IS NULL OR NOT ("decision" = '')))
--;
CREATE UNIQUE INDEX "orders_obstacle_once_a_kind" ON "orders_obstacle" ("order_id", "kind") WHERE "lifted_at" IS NULL
--;
ALTER TABLE "orders_obstacle" ADD CONSTRAINT "orders_obstacle_kind" CHECK ("kind" IN ('patient_unfit', 'site_not_ready'))
--;
ALTER TABLE orders_collection ALTER COLUMN ordinal SET DEFAULT 1;
ALTER TABLE orders_dosebag ALTER COLUMN withdrawn_reason SET DEFAULT '';
ALTER TABLE orders_order ALTER COLUMN end_cause SET DEFAULT '', ALTER COLUMN reduced_dose SET DEFAULT false
--;
CREATE INDEX "orders_interruption_order_id_e0ee47f7" ON "orders_interruption" ("order_id")
--;
CREATE INDEX "orders_obstacle_order_id_b2bea780" ON "orders_obstacle" ("order_id")
--;
ALTER TABLE "orders_order" ADD COLUMN "single_copy_accepted_at" timestamp with time zone NULL
--;
ALTER TABLE "orders_order" ADD COLUMN "single_copy_accepted_by" uuid NULL
--;
ALTER TABLE "orders_order" ADD COLUMN "clearance_kept_at" timestamp with time zone NULL
--;
CREATE TABLE "forecasting_finishedblock" ("key" text NOT NULL PRIMARY KEY, "made" bytea NOT NULL, "made_at" timestamp with time zone NOT NULL)
--;
CREATE TABLE "forecasting_modelversion" ("id" uuid NOT NULL PRIMARY KEY, "digest" text NOT NULL UNIQUE, "document" text NOT NULL, "learnt" text NOT NULL, "observations" integer NOT NULL, "made_at" timestamp with time zone NOT NULL)
--;
CREATE TABLE "forecasting_studyrun" ("id" uuid NOT NULL PRIMARY KEY, "state" text NOT NULL, "asked_at" timestamp with time zone NOT NULL, "asked_by" uuid NOT NULL, "ended_at" timestamp with time zone NULL, "result" text NOT NULL, "fault" text NOT NULL)
--;
CREATE TABLE "forecasting_study" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "name" text NOT NULL, "document" text NOT NULL, "digest" text NOT NULL, "saved_at" timestamp with time zone NOT NULL, "saved_by" uuid NOT NULL, "saved_by_name" text NOT NULL)
--;
CREATE TABLE "forecasting_figuresetting" ("id" uuid NOT NULL PRIMARY KEY, "name" text NOT NULL, "value" text NOT NULL, "unit" text NOT NULL, "reason" text NOT NULL, "state" text NOT NULL, "set_at" timestamp with time zone NOT NULL, "set_by" uuid NOT NULL, "set_by_name" text NOT NULL, CONSTRAINT "forecasting_setting_reasoned" CHECK (NOT ("reason" = '')))
--;
CREATE TABLE "forecasting_progress" ("run_id" uuid NOT NULL PRIMARY KEY, "done" integer NOT NULL, "everything" integer NOT NULL, "told_at" timestamp with time zone NOT NULL)
--;
ALTER TABLE "forecasting_studyrun" ADD COLUMN "study_id" uuid NOT NULL CONSTRAINT "forecasting_studyrun_study_id_c17db99b_fk_forecasting_study_id" REFERENCES "forecasting_study"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "forecasting_studyrun_study_id_c17db99b_fk_forecasting_study_id" IMMEDIATE
--;
CREATE TABLE "forecasting_forecast" ("id" uuid NOT NULL PRIMARY KEY, "as_of" timestamp with time zone NOT NULL, "day" date NOT NULL, "stage" text NOT NULL, "chance" double precision NOT NULL, "p10_at" timestamp with time zone NULL, "p50_at" timestamp with time zone NULL, "p90_at" timestamp with time zone NULL, "seed" bigint NOT NULL, "replications" integer NOT NULL, "happened_at" timestamp with time zone NULL, "order_id" uuid NOT NULL, "model_id" uuid NOT NULL, CONSTRAINT "forecasting_forecast_once_a_day" UNIQUE ("order_id", "stage", "day"), CONSTRAINT "forecasting_forecast_chance" CHECK (("chance" >= 0.0 AND "chance" <= 1.0)), CONSTRAINT "forecasting_forecast_ordered" CHECK (("p50_at" IS NULL OR "p50_at" >= ("p10_at"))))
--;
CREATE UNIQUE INDEX "forecasting_run_one_under_way" ON "forecasting_studyrun" ("study_id") WHERE "state" IN ('queued', 'running')
--;
ALTER TABLE "forecasting_studyrun" ADD CONSTRAINT "forecasting_run_finished_has_result" CHECK ((NOT ("state" = 'finished') OR NOT ("result" = '')))
--;
CREATE INDEX "forecasting_finishedblock_key_925c2e9a_like" ON "forecasting_finishedblock" ("key" text_pattern_ops)
--;
CREATE INDEX "forecasting_modelversion_digest_29060f91_like" ON "forecasting_modelversion" ("digest" text_pattern_ops)
--;
CREATE INDEX "forecasting_study_code_5f8e01ca_like" ON "forecasting_study" ("code" text_pattern_ops)
--;
CREATE UNIQUE INDEX "forecasting_setting_one_stands" ON "forecasting_figuresetting" ("name") WHERE "state" = 'standing'
--;
ALTER TABLE "forecasting_progress" ADD CONSTRAINT "forecasting_progress_run_id_3892623d_fk_forecasting_studyrun_id" FOREIGN KEY ("run_id") REFERENCES "forecasting_studyrun" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "forecasting_studyrun_study_id_c17db99b" ON "forecasting_studyrun" ("study_id")
--;
ALTER TABLE "forecasting_forecast" ADD CONSTRAINT "forecasting_forecast_order_id_aa836818_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "forecasting_forecast" ADD CONSTRAINT "forecasting_forecast_model_id_890909fd_fk_forecasti" FOREIGN KEY ("model_id") REFERENCES "forecasting_modelversion" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "forecasting_forecast_order_id_aa836818" ON "forecasting_forecast" ("order_id")
--;
CREATE INDEX "forecasting_forecast_model_id_890909fd" ON "forecasting_forecast" ("model_id")
--;
CREATE INDEX "forecasting_forecast_order" ON "forecasting_forecast" ("order_id", "as_of")
--;
ALTER TABLE "forecasting_forecast" ADD COLUMN "bare_p10_at" timestamp with time zone NULL
--;
ALTER TABLE "forecasting_forecast" ADD COLUMN "bare_p90_at" timestamp with time zone NULL
--;
ALTER TABLE "forecasting_forecast" ADD COLUMN "widened_by" double precision DEFAULT 0.0 NOT NULL
--;
ALTER TABLE "forecasting_forecast" ALTER COLUMN "widened_by" DROP DEFAULT
--;
ALTER TABLE "forecasting_forecast" ADD COLUMN "widened_from" integer DEFAULT 0 NOT NULL
--;
ALTER TABLE "forecasting_forecast" ALTER COLUMN "widened_from" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "stated_at" timestamp with time zone NULL
--;
ALTER TABLE "identity_container" ADD COLUMN "statement_en" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "statement_en" DROP DEFAULT
--;
ALTER TABLE "identity_container" ADD COLUMN "statement_zh" text DEFAULT '' NOT NULL
--;
ALTER TABLE "identity_container" ALTER COLUMN "statement_zh" DROP DEFAULT
--;
CREATE OR REPLACE FUNCTION journal_hash(stream text, seq int, recorded_at timestamptz, payload text, previous bytea)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT sha256(
    int8send(octet_length(convert_to(stream, 'UTF8'))::bigint) || convert_to(stream, 'UTF8')
    || int8send(octet_length(seq::text)::bigint) || convert_to(seq::text, 'UTF8')
    || int8send(27::bigint)
    || convert_to(to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8')
    || int8send(octet_length(convert_to(payload, 'UTF8'))::bigint) || convert_to(payload, 'UTF8')
    || int8send(octet_length(previous)::bigint) || previous) $$;

CREATE AGGREGATE journal_merge(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}')
--;
CREATE TABLE "journal_loaded" ("only" boolean NOT NULL PRIMARY KEY, "loaded_at" timestamp with time zone DEFAULT (STATEMENT_TIMESTAMP()) NOT NULL, CONSTRAINT "journal_loaded_only_one" CHECK ("only"))
--;
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
INSERT INTO journal_loaded ("only") SELECT true FROM journal_database
--;
CREATE INDEX "journal_entry_recorded" ON "journal_entry" USING brin ("recorded_at")
--;
CREATE TABLE "materials_lot" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "material_code" text NOT NULL, "number" text NOT NULL, "state" text NOT NULL, "supplier" text NOT NULL, "unit" text NOT NULL, "vial_quantity" numeric(30, 9) NOT NULL, "values" jsonb NOT NULL, "received_at" timestamp with time zone NOT NULL, "expires_at" timestamp with time zone NOT NULL, "certificate_filename" text NOT NULL, "certificate_sha256" text NOT NULL, "certificate" bytea NOT NULL, "on_hand" numeric(30, 9) NOT NULL, "reserved" numeric(30, 9) NOT NULL, "site_id" uuid NOT NULL)
--;
CREATE TABLE "materials_holding" ("id" uuid NOT NULL PRIMARY KEY, "holder" text NOT NULL, "quantity" numeric(30, 9) NOT NULL, "state" text NOT NULL, "lot_id" uuid NOT NULL)
--;
CREATE TABLE "materials_lotmarket" ("id" uuid NOT NULL PRIMARY KEY, "market" text NOT NULL, "released_at" timestamp with time zone NOT NULL, "lot_id" uuid NOT NULL)
--;
CREATE TABLE "materials_movement" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "ordinal" integer NOT NULL, "quantity" numeric(30, 9) NOT NULL, "reserved" numeric(30, 9) NOT NULL, "on_hand_after" numeric(30, 9) NOT NULL, "reserved_after" numeric(30, 9) NOT NULL, "used" numeric(30, 9) NOT NULL, "holder" text NOT NULL, "market" text NOT NULL, "moved_at" timestamp with time zone NOT NULL, "lot_id" uuid NOT NULL)
--;
CREATE TABLE "materials_thaw" ("id" uuid NOT NULL PRIMARY KEY, "holder" text NOT NULL, "vials" integer NOT NULL, "thawed_at" timestamp with time zone NOT NULL, "state" text NOT NULL, "lot_id" uuid NOT NULL)
--;
CREATE INDEX "materials_lot_first_expiry" ON "materials_lot" ("material_code", "expires_at")
--;
ALTER TABLE "materials_lot" ADD CONSTRAINT "materials_lot_number" UNIQUE ("material_code", "number")
--;
ALTER TABLE "materials_lot" ADD CONSTRAINT "materials_lot_never_negative" CHECK ("on_hand" >= 0)
--;
ALTER TABLE "materials_lot" ADD CONSTRAINT "materials_lot_reserved_within_stock" CHECK (("reserved" >= 0 AND "reserved" <= ("on_hand")))
--;
ALTER TABLE "materials_lot" ADD CONSTRAINT "materials_lot_vial_holds_something" CHECK ("vial_quantity" > 0)
--;
ALTER TABLE "materials_lot" ADD CONSTRAINT "materials_lot_state" CHECK ("state" IN ('quarantined', 'released', 'rejected', 'recalled'))
--;
ALTER TABLE "materials_holding" ADD CONSTRAINT "materials_holding_something" CHECK ("quantity" > 0)
--;
CREATE UNIQUE INDEX "materials_holding_once_a_holder" ON "materials_holding" ("lot_id", "holder") WHERE "state" = 'held'
--;
ALTER TABLE "materials_lotmarket" ADD CONSTRAINT "materials_lotmarket_once" UNIQUE ("lot_id", "market")
--;
CREATE INDEX "materials_movement_holder" ON "materials_movement" ("holder")
--;
ALTER TABLE "materials_movement" ADD CONSTRAINT "materials_movement_in_line" UNIQUE ("lot_id", "ordinal")
--;
ALTER TABLE "materials_movement" ADD CONSTRAINT "materials_movement_never_negative" CHECK ("on_hand_after" >= 0)
--;
ALTER TABLE "materials_movement" ADD CONSTRAINT "materials_movement_reserved_within_stock" CHECK (("reserved_after" >= 0 AND "reserved_after" <= ("on_hand_after")))
--;
ALTER TABLE "materials_thaw" ADD CONSTRAINT "materials_thaw_something" CHECK ("vials" > 0)
--;
CREATE UNIQUE INDEX "materials_thaw_once_a_holder" ON "materials_thaw" ("lot_id", "holder") WHERE "state" = 'thawed'
--;
ALTER TABLE "materials_lot" ADD CONSTRAINT "materials_lot_site_id_773acbd6_fk_network_site_id" FOREIGN KEY ("site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "materials_lot_code_376799e3_like" ON "materials_lot" ("code" text_pattern_ops)
--;
CREATE INDEX "materials_lot_site_id_773acbd6" ON "materials_lot" ("site_id")
--;
ALTER TABLE "materials_holding" ADD CONSTRAINT "materials_holding_lot_id_0f9c2205_fk_materials_lot_id" FOREIGN KEY ("lot_id") REFERENCES "materials_lot" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "materials_holding_lot_id_0f9c2205" ON "materials_holding" ("lot_id")
--;
ALTER TABLE "materials_lotmarket" ADD CONSTRAINT "materials_lotmarket_lot_id_0c2b1dfe_fk_materials_lot_id" FOREIGN KEY ("lot_id") REFERENCES "materials_lot" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "materials_lotmarket_lot_id_0c2b1dfe" ON "materials_lotmarket" ("lot_id")
--;
ALTER TABLE "materials_movement" ADD CONSTRAINT "materials_movement_lot_id_c02efc02_fk_materials_lot_id" FOREIGN KEY ("lot_id") REFERENCES "materials_lot" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "materials_movement_lot_id_c02efc02" ON "materials_movement" ("lot_id")
--;
ALTER TABLE "materials_thaw" ADD CONSTRAINT "materials_thaw_lot_id_ef2f7726_fk_materials_lot_id" FOREIGN KEY ("lot_id") REFERENCES "materials_lot" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "materials_thaw_lot_id_ef2f7726" ON "materials_thaw" ("lot_id")
--;
CREATE FUNCTION materials_keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is forbidden: the ledger is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
CREATE TRIGGER materials_movement_keep BEFORE UPDATE OR DELETE ON materials_movement
    FOR EACH ROW EXECUTE FUNCTION materials_keep();

CREATE FUNCTION materials_add_up() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    last_ordinal int; last_on_hand numeric; last_reserved numeric;
BEGIN
    PERFORM 1 FROM public.materials_lot WHERE id = NEW.lot_id FOR UPDATE;
    SELECT ordinal, on_hand_after, reserved_after INTO last_ordinal, last_on_hand, last_reserved
    FROM public.materials_movement WHERE lot_id = NEW.lot_id ORDER BY ordinal DESC LIMIT 1;
    IF NEW.ordinal <> coalesce(last_ordinal, 0) + 1
        OR NEW.on_hand_after <> coalesce(last_on_hand, 0) + NEW.quantity
        OR NEW.reserved_after <> coalesce(last_reserved, 0) + NEW.reserved
    THEN
        RAISE EXCEPTION 'the ledger of lot % does not add up', NEW.lot_id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_movement_adds_up';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_movement_adds_up BEFORE INSERT ON materials_movement
    FOR EACH ROW EXECUTE FUNCTION materials_add_up();

CREATE FUNCTION materials_agree() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stands record; last record;
BEGIN
    SELECT on_hand, reserved INTO stands FROM public.materials_lot WHERE id = NEW.id;
    SELECT on_hand_after, reserved_after INTO last
    FROM public.materials_movement WHERE lot_id = NEW.id ORDER BY ordinal DESC LIMIT 1;
    IF stands.on_hand <> coalesce(last.on_hand_after, 0) OR stands.reserved <> coalesce(last.reserved_after, 0) THEN
        RAISE EXCEPTION 'lot % does not agree with its ledger', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_lot_agrees';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER materials_lot_agrees AFTER INSERT OR UPDATE ON materials_lot
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION materials_agree()
--;
CREATE TABLE "materials_lotparentage" ("id" uuid NOT NULL PRIMARY KEY)
--;
ALTER TABLE "materials_holding" ADD COLUMN "needed_until_at" timestamp with time zone NULL
--;
ALTER TABLE "materials_lot" ADD COLUMN "kind" text NULL
--;
ALTER TABLE "materials_movement" ADD COLUMN "moved_by" uuid NULL
--;
ALTER TABLE "materials_movement" ADD COLUMN "moved_by_name" text NULL
--;
ALTER TABLE "materials_movement" ADD COLUMN "reason" text NULL
--;
CREATE INDEX "materials_holding_holder" ON "materials_holding" ("holder", "state")
--;
ALTER TABLE "materials_lotparentage" ADD COLUMN "child_id" uuid NOT NULL CONSTRAINT "materials_lotparentage_child_id_65790a12_fk_materials_lot_id" REFERENCES "materials_lot"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "materials_lotparentage_child_id_65790a12_fk_materials_lot_id" IMMEDIATE
--;
ALTER TABLE "materials_lotparentage" ADD COLUMN "parent_id" uuid NOT NULL CONSTRAINT "materials_lotparentage_parent_id_c51dbfe8_fk_materials_lot_id" REFERENCES "materials_lot"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "materials_lotparentage_parent_id_c51dbfe8_fk_materials_lot_id" IMMEDIATE
--;
ALTER TABLE "materials_lotparentage" ADD CONSTRAINT "materials_lotparentage_once" UNIQUE ("child_id", "parent_id")
--;
ALTER TABLE "materials_lotparentage" ADD CONSTRAINT "materials_lotparentage_not_itself" CHECK (NOT ("child_id" = ("parent_id")))
--;
CREATE INDEX "materials_lotparentage_child_id_65790a12" ON "materials_lotparentage" ("child_id")
--;
CREATE INDEX "materials_lotparentage_parent_id_c51dbfe8" ON "materials_lotparentage" ("parent_id")
--;
CREATE FUNCTION materials_recalled_ancestor(asked uuid) RETURNS uuid LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    WITH RECURSIVE above (id) AS (
        SELECT parent_id FROM public.materials_lotparentage WHERE child_id = asked
        UNION SELECT p.parent_id FROM above a JOIN public.materials_lotparentage p ON p.child_id = a.id)
    SELECT l.id FROM above a JOIN public.materials_lot l ON l.id = a.id WHERE l.state IN ('recalled', 'rejected') LIMIT 1
$$;

CREATE FUNCTION materials_fit_for_use() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lot record; broken text;
BEGIN
    SELECT state, expires_at INTO lot FROM public.materials_lot WHERE id = NEW.lot_id;
    IF lot.state <> 'released' THEN broken := 'released';
    ELSIF NEW.kind <> 'reservation' AND lot.expires_at <= NEW.moved_at THEN broken := 'in_date';
    ELSIF NEW.kind <> 'reservation' AND NOT EXISTS (
        SELECT FROM public.materials_lotmarket m
        WHERE m.lot_id = NEW.lot_id AND m.market = NEW.market AND m.released_at <= NEW.moved_at) THEN broken := 'market';
    ELSIF public.materials_recalled_ancestor(NEW.lot_id) IS NOT NULL THEN broken := 'ancestors';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'lot % is not fit for use (%)', NEW.lot_id, broken
            USING ERRCODE = '23514', CONSTRAINT = 'materials_movement_' || broken;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_movement_fit BEFORE INSERT ON materials_movement FOR EACH ROW
    WHEN (NEW.kind IN ('reservation', 'thaw', 'consumption')) EXECUTE FUNCTION materials_fit_for_use();

CREATE FUNCTION materials_market_of_released() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.materials_lot WHERE id = NEW.lot_id AND state = 'released') THEN
        RAISE EXCEPTION 'lot % is not released', NEW.lot_id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_lotmarket_released';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_lotmarket_released BEFORE INSERT ON materials_lotmarket
    FOR EACH ROW EXECUTE FUNCTION materials_market_of_released();

CREATE FUNCTION materials_parent_of_new() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.materials_lot WHERE id = NEW.child_id AND state = 'quarantined')
        OR EXISTS (SELECT FROM public.materials_lotparentage WHERE parent_id = NEW.child_id)
    THEN
        RAISE EXCEPTION 'what lot % was made from is told when it is received', NEW.child_id
            USING ERRCODE = '23514', CONSTRAINT = 'materials_lotparentage_at_receipt';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_lotparentage_at_receipt BEFORE INSERT ON materials_lotparentage
    FOR EACH ROW EXECUTE FUNCTION materials_parent_of_new();

CREATE FUNCTION materials_keep_lot() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.code, NEW.material_code, NEW.kind, NEW.number, NEW.site_id, NEW.supplier, NEW.unit,
        NEW.vial_quantity, NEW.values, NEW.received_at, NEW.expires_at, NEW.certificate_sha256)
        IS DISTINCT FROM (OLD.id, OLD.code, OLD.material_code, OLD.kind, OLD.number, OLD.site_id, OLD.supplier, OLD.unit,
        OLD.vial_quantity, OLD.values, OLD.received_at, OLD.expires_at, OLD.certificate_sha256)
    THEN
        RAISE EXCEPTION 'what a lot was received as never changes' USING ERRCODE = '23514', CONSTRAINT = 'materials_lot_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER materials_lot_kept BEFORE UPDATE ON materials_lot FOR EACH ROW EXECUTE FUNCTION materials_keep_lot();
CREATE TRIGGER materials_lot_certificate_kept BEFORE UPDATE OF certificate, certificate_filename ON materials_lot
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_lot_table BEFORE UPDATE ON materials_lot
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('quarantined>released', 'quarantined>rejected',
        'quarantined>recalled', 'released>recalled');
CREATE TRIGGER materials_holding_kept BEFORE UPDATE ON materials_holding
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'lot_id');
CREATE TRIGGER materials_holding_table BEFORE UPDATE ON materials_holding
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('held>used', 'held>released');
CREATE TRIGGER materials_thaw_kept BEFORE UPDATE ON materials_thaw
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'lot_id', 'holder', 'vials', 'thawed_at');
CREATE TRIGGER materials_thaw_table BEFORE UPDATE ON materials_thaw
    FOR EACH ROW EXECUTE FUNCTION identity_follow_table('thawed>used', 'thawed>discarded');

CREATE TRIGGER materials_lotmarket_keep BEFORE UPDATE OR DELETE ON materials_lotmarket
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_lotparentage_keep BEFORE UPDATE OR DELETE ON materials_lotparentage
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_lot_stays BEFORE DELETE ON materials_lot
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_holding_stays BEFORE DELETE ON materials_holding
    FOR EACH ROW EXECUTE FUNCTION materials_keep();
CREATE TRIGGER materials_thaw_stays BEFORE DELETE ON materials_thaw
    FOR EACH ROW EXECUTE FUNCTION materials_keep()
--;
CREATE TABLE "manufacturing_batch" ("id" uuid NOT NULL PRIMARY KEY, "number" text NOT NULL UNIQUE, "alternative" text NOT NULL, "market" text NOT NULL, "route" text NOT NULL, "ordered_dose_cells" numeric(20, 3) NOT NULL, "patient_weight_kg" numeric(6, 2) NOT NULL, "collection_ended_at" timestamp with time zone NOT NULL, "state" text NOT NULL, "opened_at" timestamp with time zone NOT NULL, "completed_at" timestamp with time zone NULL, "reviewed_at" timestamp with time zone NULL, "coi_id" uuid NOT NULL, "definition_id" uuid NOT NULL, "opened_by_id" uuid NOT NULL, "order_id" uuid NOT NULL, "reviewed_by_id" uuid NULL, "site_id" uuid NOT NULL)
--;
CREATE TABLE "manufacturing_batchoperation" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL, "ordinal" integer NOT NULL, "state" text NOT NULL, "started_at" timestamp with time zone NULL, "ended_at" timestamp with time zone NULL, "batch_id" uuid NOT NULL, "workstation_id" uuid NULL)
--;
CREATE TABLE "manufacturing_batchstep" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL, "ordinal" integer NOT NULL, "kind" text NOT NULL, "state" text NOT NULL, "done_at" timestamp with time zone NULL, "verified_at" timestamp with time zone NULL, "batch_id" uuid NOT NULL, "done_by_id" uuid NULL, "operation_id" uuid NOT NULL, "verified_by_id" uuid NULL)
--;
CREATE TABLE "manufacturing_clockruling" ("id" uuid NOT NULL PRIMARY KEY, "subject" text NOT NULL, "decision" text NOT NULL, "reason" text NOT NULL, "decided_at" timestamp with time zone NOT NULL, "batch_id" uuid NOT NULL, "decided_by_id" uuid NOT NULL)
--;
CREATE TABLE "manufacturing_hold" ("id" uuid NOT NULL PRIMARY KEY, "reason" text NOT NULL, "source" text NOT NULL, "state" text NOT NULL, "placed_at" timestamp with time zone NOT NULL, "placed_by" text NOT NULL, "lifted_at" timestamp with time zone NULL, "lifted_by" text NOT NULL, "lift_reason" text NOT NULL, "batch_id" uuid NOT NULL)
--;
CREATE TABLE "manufacturing_occupancy" ("id" uuid NOT NULL PRIMARY KEY, "during" tstzrange NOT NULL, "batch_id" uuid NOT NULL, "coi_id" uuid NOT NULL, "workstation_id" uuid NOT NULL)
--;
CREATE TABLE "manufacturing_rawattachment" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "filename" text NOT NULL, "media_type" text NOT NULL, "sha256" text NOT NULL, "size_bytes" integer NOT NULL, "content" bytea NOT NULL, "batch_id" uuid NOT NULL)
--;
CREATE TABLE "manufacturing_recording" ("id" uuid NOT NULL PRIMARY KEY, "revision" integer NOT NULL, "value" numeric(40, 12) NULL, "unit" text NOT NULL, "answer" text NOT NULL, "scanned" text NOT NULL, "made" jsonb NOT NULL, "named_values" jsonb NOT NULL, "verdict" text NOT NULL, "clock_exceeded" boolean NOT NULL, "manual" boolean NOT NULL, "late" boolean NOT NULL, "recomputed" boolean NOT NULL, "comment" text NOT NULL, "reason" text NOT NULL, "recorded_by_name" text NOT NULL, "witnessed_by_name" text NOT NULL, "performed_at" timestamp with time zone NOT NULL, "signature_meaning" text NOT NULL, "attachment_id" uuid NULL, "container_id" uuid NULL, "equipment_id" uuid NULL, "lot_id" uuid NULL, "recorded_by_id" uuid NOT NULL, "step_id" uuid NOT NULL, "witnessed_by_id" uuid NULL)
--;
CREATE UNIQUE INDEX "manufacturing_batch_one_an_order" ON "manufacturing_batch" ("order_id") WHERE NOT ("state" = 'terminated')
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_coi" UNIQUE ("id", "coi_id")
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_state" CHECK ("state" IN ('open', 'completed', 'reviewed', 'closed', 'terminated'))
--;
ALTER TABLE "manufacturing_batchoperation" ADD CONSTRAINT "manufacturing_operation_once" UNIQUE ("batch_id", "code")
--;
ALTER TABLE "manufacturing_batchoperation" ADD CONSTRAINT "manufacturing_operation_in_line" UNIQUE ("batch_id", "ordinal")
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_step_once" UNIQUE ("batch_id", "code")
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_step_in_line" UNIQUE ("batch_id", "ordinal")
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_step_not_own_check" CHECK (("verified_by_id" IS NULL OR NOT ("verified_by_id" = ("done_by_id") AND "verified_by_id" IS NOT NULL AND "done_by_id" IS NOT NULL)))
--;
ALTER TABLE "manufacturing_clockruling" ADD CONSTRAINT "manufacturing_ruling_once" UNIQUE ("batch_id", "subject")
--;
ALTER TABLE "manufacturing_occupancy" ADD CONSTRAINT "manufacturing_workstation_one_patient" EXCLUDE USING GIST ("workstation_id" WITH =, "during" WITH &&)
--;
ALTER TABLE "manufacturing_occupancy" ADD CONSTRAINT "manufacturing_occupancy_not_empty" CHECK ((NOT isempty("during") AND lower("during") IS NOT NULL))
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_recording_in_line" UNIQUE ("step_id", "revision")
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_recording_correction_has_reason" CHECK (("revision" = 1 OR NOT ("reason" = '')))
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_recording_not_own_witness" CHECK (("witnessed_by_id" IS NULL OR NOT ("witnessed_by_id" = ("recorded_by_id") AND "witnessed_by_id" IS NOT NULL)))
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_coi_id_c631a427_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_definition_id_ec6d8fae_fk_therapies" FOREIGN KEY ("definition_id") REFERENCES "therapies_definitionversion" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_opened_by_id_a9fa2a28_fk_people_account_id" FOREIGN KEY ("opened_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_order_id_db2d100c_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_reviewed_by_id_383107de_fk_people_ac" FOREIGN KEY ("reviewed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batch" ADD CONSTRAINT "manufacturing_batch_site_id_fe64cf20_fk_network_site_id" FOREIGN KEY ("site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_batch_number_7a9facd6_like" ON "manufacturing_batch" ("number" text_pattern_ops)
--;
CREATE INDEX "manufacturing_batch_coi_id_c631a427" ON "manufacturing_batch" ("coi_id")
--;
CREATE INDEX "manufacturing_batch_definition_id_ec6d8fae" ON "manufacturing_batch" ("definition_id")
--;
CREATE INDEX "manufacturing_batch_opened_by_id_a9fa2a28" ON "manufacturing_batch" ("opened_by_id")
--;
CREATE INDEX "manufacturing_batch_order_id_db2d100c" ON "manufacturing_batch" ("order_id")
--;
CREATE INDEX "manufacturing_batch_reviewed_by_id_383107de" ON "manufacturing_batch" ("reviewed_by_id")
--;
CREATE INDEX "manufacturing_batch_site_id_fe64cf20" ON "manufacturing_batch" ("site_id")
--;
ALTER TABLE "manufacturing_batchoperation" ADD CONSTRAINT "manufacturing_batcho_batch_id_b12a3a5d_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batchoperation" ADD CONSTRAINT "manufacturing_batcho_workstation_id_484ae51a_fk_network_e" FOREIGN KEY ("workstation_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_batchoperation_batch_id_b12a3a5d" ON "manufacturing_batchoperation" ("batch_id")
--;
CREATE INDEX "manufacturing_batchoperation_workstation_id_484ae51a" ON "manufacturing_batchoperation" ("workstation_id")
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_batchs_batch_id_45ed2607_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_batchs_done_by_id_f142a988_fk_people_ac" FOREIGN KEY ("done_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_batchs_operation_id_3b35f8ea_fk_manufactu" FOREIGN KEY ("operation_id") REFERENCES "manufacturing_batchoperation" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_batchstep" ADD CONSTRAINT "manufacturing_batchs_verified_by_id_72ddda39_fk_people_ac" FOREIGN KEY ("verified_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_batchstep_batch_id_45ed2607" ON "manufacturing_batchstep" ("batch_id")
--;
CREATE INDEX "manufacturing_batchstep_done_by_id_f142a988" ON "manufacturing_batchstep" ("done_by_id")
--;
CREATE INDEX "manufacturing_batchstep_operation_id_3b35f8ea" ON "manufacturing_batchstep" ("operation_id")
--;
CREATE INDEX "manufacturing_batchstep_verified_by_id_72ddda39" ON "manufacturing_batchstep" ("verified_by_id")
--;
ALTER TABLE "manufacturing_clockruling" ADD CONSTRAINT "manufacturing_clockr_batch_id_9f059ddc_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_clockruling" ADD CONSTRAINT "manufacturing_clockr_decided_by_id_1b14799f_fk_people_ac" FOREIGN KEY ("decided_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_clockruling_batch_id_9f059ddc" ON "manufacturing_clockruling" ("batch_id")
--;
CREATE INDEX "manufacturing_clockruling_decided_by_id_1b14799f" ON "manufacturing_clockruling" ("decided_by_id")
--;
ALTER TABLE "manufacturing_hold" ADD CONSTRAINT "manufacturing_hold_batch_id_7e44ceb2_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_hold_batch_id_7e44ceb2" ON "manufacturing_hold" ("batch_id")
--;
ALTER TABLE "manufacturing_occupancy" ADD CONSTRAINT "manufacturing_occupa_batch_id_72af9148_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_occupancy" ADD CONSTRAINT "manufacturing_occupancy_coi_id_193a00c6_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_occupancy" ADD CONSTRAINT "manufacturing_occupa_workstation_id_3952ead5_fk_network_e" FOREIGN KEY ("workstation_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_occupancy_batch_id_72af9148" ON "manufacturing_occupancy" ("batch_id")
--;
CREATE INDEX "manufacturing_occupancy_coi_id_193a00c6" ON "manufacturing_occupancy" ("coi_id")
--;
CREATE INDEX "manufacturing_occupancy_workstation_id_3952ead5" ON "manufacturing_occupancy" ("workstation_id")
--;
ALTER TABLE "manufacturing_rawattachment" ADD CONSTRAINT "manufacturing_rawatt_batch_id_7a3ef4fc_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_rawattachment_batch_id_7a3ef4fc" ON "manufacturing_rawattachment" ("batch_id")
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_record_attachment_id_006ee9da_fk_manufactu" FOREIGN KEY ("attachment_id") REFERENCES "manufacturing_rawattachment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_record_container_id_5813888f_fk_identity_" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_record_equipment_id_75ebce0c_fk_network_e" FOREIGN KEY ("equipment_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_recording_lot_id_8f8d9a9d_fk_materials_lot_id" FOREIGN KEY ("lot_id") REFERENCES "materials_lot" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_record_recorded_by_id_aae6c1a9_fk_people_ac" FOREIGN KEY ("recorded_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_record_step_id_431e36dc_fk_manufactu" FOREIGN KEY ("step_id") REFERENCES "manufacturing_batchstep" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_recording" ADD CONSTRAINT "manufacturing_record_witnessed_by_id_dbeaaa16_fk_people_ac" FOREIGN KEY ("witnessed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "manufacturing_recording_attachment_id_006ee9da" ON "manufacturing_recording" ("attachment_id")
--;
CREATE INDEX "manufacturing_recording_container_id_5813888f" ON "manufacturing_recording" ("container_id")
--;
CREATE INDEX "manufacturing_recording_equipment_id_75ebce0c" ON "manufacturing_recording" ("equipment_id")
--;
CREATE INDEX "manufacturing_recording_lot_id_8f8d9a9d" ON "manufacturing_recording" ("lot_id")
--;
CREATE INDEX "manufacturing_recording_recorded_by_id_aae6c1a9" ON "manufacturing_recording" ("recorded_by_id")
--;
CREATE INDEX "manufacturing_recording_step_id_431e36dc" ON "manufacturing_recording" ("step_id")
--;
CREATE INDEX "manufacturing_recording_witnessed_by_id_dbeaaa16" ON "manufacturing_recording" ("witnessed_by_id")
--;
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
    FOR EACH ROW EXECUTE FUNCTION manufacturing_keep_occupancy()
--;
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
    WHEN (NEW.lot_id IS NOT NULL AND NEW.revision = 1) EXECUTE FUNCTION manufacturing_fit_lot()
--;
DROP INDEX IF EXISTS "manufacturing_batch_one_an_order"
--;
CREATE UNIQUE INDEX "manufacturing_batch_one_an_order" ON "manufacturing_batch" ("order_id") WHERE "state" IN ('open', 'completed', 'reviewed')
--;
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
    EXECUTE FUNCTION manufacturing_material_in_time()
--;
CREATE TABLE "laboratory_rawfile" ("id" uuid NOT NULL PRIMARY KEY, "filename" text NOT NULL, "sha256" text NOT NULL, "size_bytes" integer NOT NULL, "content" bytea NOT NULL, "batch_id" uuid NOT NULL)
--;
CREATE TABLE "laboratory_sample" ("id" uuid NOT NULL PRIMARY KEY, "sample_code" text NOT NULL, "condition" text NOT NULL, "taken_at" timestamp with time zone NOT NULL, "culture_until" timestamp with time zone NULL, "state" text NOT NULL, "received_at" timestamp with time zone NULL, "batch_id" uuid NOT NULL, "coi_id" uuid NOT NULL, "container_id" uuid NOT NULL UNIQUE, "received_by_id" uuid NULL)
--;
CREATE TABLE "laboratory_test" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL, "attempt" integer NOT NULL, "name_en" text NOT NULL, "name_zh" text NOT NULL, "stage" text NOT NULL, "sample_code" text NOT NULL, "method_code" text NOT NULL, "method_version" text NOT NULL, "equipment_class" text NOT NULL, "result_type" text NOT NULL, "unit" text NOT NULL, "replicates" integer NOT NULL, "computed" boolean NOT NULL, "criterion" text NOT NULL, "state" text NOT NULL, "planned_at" timestamp with time zone NOT NULL, "batch_id" uuid NOT NULL, "coi_id" uuid NOT NULL, "definition_id" uuid NOT NULL)
--;
CREATE TABLE "laboratory_result" ("id" uuid NOT NULL PRIMARY KEY, "revision" integer NOT NULL, "value" numeric(40, 12) NULL, "unit" text NOT NULL, "outcome" text NOT NULL, "replicate_values" jsonb NOT NULL, "computed" boolean NOT NULL, "inputs" jsonb NOT NULL, "method_version" text NOT NULL, "measured_at" timestamp with time zone NOT NULL, "recorded_at" timestamp with time zone NOT NULL, "recorded_by_name" text NOT NULL, "comment" text NOT NULL, "reason" text NOT NULL, "reviewed_at" timestamp with time zone NULL, "reviewed_by_name" text NOT NULL, "instrument_id" uuid NULL, "raw_file_id" uuid NULL, "recorded_by_id" uuid NOT NULL, "reviewed_by_id" uuid NULL, "second_raw_file_id" uuid NULL, "sample_id" uuid NULL, "test_id" uuid NOT NULL)
--;
CREATE TABLE "laboratory_investigation" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "suspicion" text NOT NULL, "state" text NOT NULL, "opened_at" timestamp with time zone NOT NULL, "conclusion" text NOT NULL, "finding" text NOT NULL, "concluded_at" timestamp with time zone NULL, "concluded_by_id" uuid NULL, "opened_by_id" uuid NOT NULL, "test_id" uuid NOT NULL)
--;
ALTER TABLE "laboratory_rawfile" ADD CONSTRAINT "laboratory_raw_file_once" UNIQUE ("batch_id", "sha256")
--;
ALTER TABLE "laboratory_rawfile" ADD CONSTRAINT "laboratory_raw_file_not_empty" CHECK ("size_bytes" > 0)
--;
ALTER TABLE "laboratory_sample" ADD CONSTRAINT "laboratory_sample_state" CHECK ("state" IN ('taken', 'received'))
--;
ALTER TABLE "laboratory_sample" ADD CONSTRAINT "laboratory_sample_received_when" CHECK (("state" = 'taken' OR "received_at" IS NOT NULL))
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_in_line" UNIQUE ("batch_id", "code", "attempt")
--;
CREATE UNIQUE INDEX "laboratory_test_one_stands" ON "laboratory_test" ("batch_id", "code") WHERE NOT ("state" = 'invalidated')
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_state" CHECK ("state" IN ('planned', 'resulted', 'reviewed', 'invalidated'))
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_attempt" CHECK ("attempt" >= 1)
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_in_line" UNIQUE ("test_id", "revision")
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_has_raw_data" CHECK (("computed" OR "raw_file_id" IS NOT NULL))
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_value_or_outcome" CHECK ((("outcome" = '' AND "value" IS NOT NULL) OR ("value" IS NULL AND NOT ("outcome" = ''))))
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_not_own_review" CHECK (("reviewed_by_id" IS NULL OR NOT ("reviewed_by_id" = ("recorded_by_id") AND "reviewed_by_id" IS NOT NULL)))
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_correction_has_reason" CHECK (("revision" = 1 OR NOT ("reason" = '')))
--;
CREATE UNIQUE INDEX "laboratory_investigation_one" ON "laboratory_investigation" ("test_id") WHERE "state" = 'open'
--;
ALTER TABLE "laboratory_investigation" ADD CONSTRAINT "laboratory_investigation_concluded" CHECK (("state" = 'open' OR (NOT ("conclusion" = '') AND NOT ("finding" = ''))))
--;
ALTER TABLE "laboratory_rawfile" ADD CONSTRAINT "laboratory_rawfile_batch_id_5f86f0c6_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "laboratory_rawfile_batch_id_5f86f0c6" ON "laboratory_rawfile" ("batch_id")
--;
ALTER TABLE "laboratory_sample" ADD CONSTRAINT "laboratory_sample_batch_id_f71710be_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_sample" ADD CONSTRAINT "laboratory_sample_coi_id_a2feee0e_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_sample" ADD CONSTRAINT "laboratory_sample_container_id_e68c6335_fk_identity_" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_sample" ADD CONSTRAINT "laboratory_sample_received_by_id_90f53f57_fk_people_account_id" FOREIGN KEY ("received_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "laboratory_sample_batch_id_f71710be" ON "laboratory_sample" ("batch_id")
--;
CREATE INDEX "laboratory_sample_coi_id_a2feee0e" ON "laboratory_sample" ("coi_id")
--;
CREATE INDEX "laboratory_sample_received_by_id_90f53f57" ON "laboratory_sample" ("received_by_id")
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_batch_id_03bf5070_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_coi_id_a858ca63_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_definition_id_6cec6bf9_fk_therapies" FOREIGN KEY ("definition_id") REFERENCES "therapies_definitionversion" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "laboratory_test_batch_id_03bf5070" ON "laboratory_test" ("batch_id")
--;
CREATE INDEX "laboratory_test_coi_id_a858ca63" ON "laboratory_test" ("coi_id")
--;
CREATE INDEX "laboratory_test_definition_id_6cec6bf9" ON "laboratory_test" ("definition_id")
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_instrument_id_0fe0effb_fk_network_e" FOREIGN KEY ("instrument_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_raw_file_id_800cc3ab_fk_laboratory_rawfile_id" FOREIGN KEY ("raw_file_id") REFERENCES "laboratory_rawfile" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_recorded_by_id_0492f99f_fk_people_account_id" FOREIGN KEY ("recorded_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_reviewed_by_id_a0b23893_fk_people_account_id" FOREIGN KEY ("reviewed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_second_raw_file_id_0b6258b9_fk_laborator" FOREIGN KEY ("second_raw_file_id") REFERENCES "laboratory_rawfile" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_sample_id_51d5d144_fk_laboratory_sample_id" FOREIGN KEY ("sample_id") REFERENCES "laboratory_sample" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_result" ADD CONSTRAINT "laboratory_result_test_id_66e62612_fk_laboratory_test_id" FOREIGN KEY ("test_id") REFERENCES "laboratory_test" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "laboratory_result_instrument_id_0fe0effb" ON "laboratory_result" ("instrument_id")
--;
CREATE INDEX "laboratory_result_raw_file_id_800cc3ab" ON "laboratory_result" ("raw_file_id")
--;
CREATE INDEX "laboratory_result_recorded_by_id_0492f99f" ON "laboratory_result" ("recorded_by_id")
--;
CREATE INDEX "laboratory_result_reviewed_by_id_a0b23893" ON "laboratory_result" ("reviewed_by_id")
--;
CREATE INDEX "laboratory_result_second_raw_file_id_0b6258b9" ON "laboratory_result" ("second_raw_file_id")
--;
CREATE INDEX "laboratory_result_sample_id_51d5d144" ON "laboratory_result" ("sample_id")
--;
CREATE INDEX "laboratory_result_test_id_66e62612" ON "laboratory_result" ("test_id")
--;
ALTER TABLE "laboratory_investigation" ADD CONSTRAINT "laboratory_investiga_concluded_by_id_75bbfc2d_fk_people_ac" FOREIGN KEY ("concluded_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_investigation" ADD CONSTRAINT "laboratory_investiga_opened_by_id_ff7f1758_fk_people_ac" FOREIGN KEY ("opened_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "laboratory_investigation" ADD CONSTRAINT "laboratory_investigation_test_id_54350438_fk_laboratory_test_id" FOREIGN KEY ("test_id") REFERENCES "laboratory_test" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "laboratory_investigation_code_549d263f_like" ON "laboratory_investigation" ("code" text_pattern_ops)
--;
CREATE INDEX "laboratory_investigation_concluded_by_id_75bbfc2d" ON "laboratory_investigation" ("concluded_by_id")
--;
CREATE INDEX "laboratory_investigation_opened_by_id_ff7f1758" ON "laboratory_investigation" ("opened_by_id")
--;
CREATE INDEX "laboratory_investigation_test_id_54350438" ON "laboratory_investigation" ("test_id")
--;
ALTER TABLE "laboratory_test" DROP CONSTRAINT "laboratory_test_state"
--;
ALTER TABLE "laboratory_test" ADD COLUMN "cancel_reason" text DEFAULT '' NOT NULL
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_cancelled_why" CHECK ((NOT ("state" = 'cancelled') OR NOT ("cancel_reason" = '')))
--;
ALTER TABLE "laboratory_test" ADD CONSTRAINT "laboratory_test_state" CHECK ("state" IN ('planned', 'resulted', 'reviewed', 'invalidated', 'cancelled'))
--;
ALTER TABLE "laboratory_result" ADD COLUMN "kit_id" uuid NULL CONSTRAINT "laboratory_result_kit_id_07549904_fk_materials_lot_id" REFERENCES "materials_lot"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "laboratory_result_kit_id_07549904_fk_materials_lot_id" IMMEDIATE
--;
CREATE INDEX "laboratory_result_kit_id_07549904" ON "laboratory_result" ("kit_id")
--;
CREATE TABLE "logistics_shipment" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "sscc" text NOT NULL UNIQUE, "kind" text NOT NULL, "state" text NOT NULL, "logger_serial" text NOT NULL, "condition" text NOT NULL, "planned_at" timestamp with time zone NOT NULL, "planned_by" uuid NOT NULL, "seal" text NOT NULL, "packed_at" timestamp with time zone NULL, "arrive_by" timestamp with time zone NULL, "hold_ends_at" timestamp with time zone NULL, "departed_at" timestamp with time zone NULL, "delivered_at" timestamp with time zone NULL, "received_at" timestamp with time zone NULL, "seal_intact" boolean NULL, "findings" text[] NOT NULL, "review" text NOT NULL, "reviewed_at" timestamp with time zone NULL, "reviewed_by" uuid NULL, "coi_id" uuid NOT NULL, "lane_id" uuid NOT NULL, "logger_id" uuid NOT NULL, "order_id" uuid NOT NULL, "shipper_id" uuid NOT NULL)
--;
CREATE TABLE "logistics_permit" ("id" uuid NOT NULL PRIMARY KEY, "name" text NOT NULL, "number" text NOT NULL, "shipment_id" uuid NOT NULL)
--;
CREATE TABLE "logistics_milestone" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "from_custodian" text NOT NULL, "to_custodian" text NOT NULL, "place" text NOT NULL, "at" timestamp with time zone NOT NULL, "recorded_by" uuid NOT NULL, "shipment_id" uuid NOT NULL)
--;
CREATE TABLE "logistics_materialreceipt" ("id" uuid NOT NULL PRIMARY KEY, "age_h" numeric(10, 2) NOT NULL, "volume_ml" numeric(12, 3) NOT NULL, "viability_percent" numeric(5, 2) NOT NULL, "total_cells" numeric(20, 0) NOT NULL, "viable_cells" numeric(20, 0) NOT NULL, "counter_serial" text NOT NULL, "counted_at" timestamp with time zone NOT NULL, "filename" text NOT NULL, "sha256" text NOT NULL, "content" bytea NOT NULL, "accepted_at" timestamp with time zone NOT NULL, "accepted_by" uuid NOT NULL, "container_id" uuid NOT NULL UNIQUE, "shipment_id" uuid NOT NULL UNIQUE)
--;
CREATE TABLE "logistics_agepermission" ("id" uuid NOT NULL PRIMARY KEY, "maximum_age_h" numeric(10, 2) NOT NULL, "reason" text NOT NULL, "decided_at" timestamp with time zone NOT NULL, "decided_by" uuid NOT NULL, "shipment_id" uuid NOT NULL)
--;
CREATE TABLE "logistics_shipmentitem" ("id" uuid NOT NULL PRIMARY KEY, "coi_id" uuid NOT NULL, "container_id" uuid NOT NULL, "shipment_id" uuid NOT NULL)
--;
CREATE TABLE "logistics_trace" ("id" uuid NOT NULL PRIMARY KEY, "logger_serial" text NOT NULL, "filename" text NOT NULL, "sha256" text NOT NULL, "content" bytea NOT NULL, "verdict" text NOT NULL, "window_from_at" timestamp with time zone NOT NULL, "window_to_at" timestamp with time zone NOT NULL, "minutes_outside" numeric(12, 2) NOT NULL, "coverage" numeric(6, 4) NOT NULL, "warmest_c" numeric(7, 2) NULL, "coldest_c" numeric(7, 2) NULL, "mean_kinetic_c" numeric(7, 2) NULL, "excursions" integer NOT NULL, "gaps" integer NOT NULL, "missing_reason" text NOT NULL, "recorded_at" timestamp with time zone NOT NULL, "shipment_id" uuid NOT NULL UNIQUE)
--;
CREATE INDEX "logistics_shipment_state" ON "logistics_shipment" ("state")
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_kind" CHECK ("kind" IN ('starting_material', 'product'))
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_state" CHECK ("state" IN ('planned', 'cancelled', 'packed', 'in_transit', 'delivered', 'received', 'quarantined', 'rejected'))
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_shipment_on_chain" UNIQUE ("id", "coi_id")
--;
CREATE UNIQUE INDEX "logistics_one_shipment_of_a_kind" ON "logistics_shipment" ("order_id", "kind") WHERE NOT ("state" IN ('cancelled', 'rejected'))
--;
CREATE UNIQUE INDEX "logistics_shipper_taken" ON "logistics_shipment" ("shipper_id") WHERE "state" IN ('planned', 'packed', 'in_transit', 'delivered')
--;
CREATE UNIQUE INDEX "logistics_logger_taken" ON "logistics_shipment" ("logger_id") WHERE "state" IN ('planned', 'packed', 'in_transit', 'delivered')
--;
CREATE UNIQUE INDEX "logistics_seal_once" ON "logistics_shipment" ("seal") WHERE NOT ("seal" = '')
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_packed_and_sealed" CHECK (("state" IN ('planned', 'cancelled') OR (NOT ("seal" = '') AND "packed_at" IS NOT NULL)))
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_excursion_reviewed" CHECK ((NOT ("state" = 'received') OR "findings" = '{}'::text[] OR ("review" = 'accepted' AND "reviewed_by" IS NOT NULL)))
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_review" CHECK ("review" IN ('', 'accepted', 'rejected'))
--;
ALTER TABLE "logistics_permit" ADD CONSTRAINT "logistics_permit_once" UNIQUE ("shipment_id", "name")
--;
ALTER TABLE "logistics_permit" ADD CONSTRAINT "logistics_permit_number" CHECK (NOT ("number" = ''))
--;
ALTER TABLE "logistics_milestone" ADD CONSTRAINT "logistics_milestone" CHECK ("kind" IN ('packed', 'handed_over', 'delivered', 'received'))
--;
ALTER TABLE "logistics_agepermission" ADD CONSTRAINT "logistics_age_permission" CHECK ("maximum_age_h" > 0)
--;
ALTER TABLE "logistics_shipmentitem" ADD CONSTRAINT "logistics_item_once" UNIQUE ("shipment_id", "container_id")
--;
ALTER TABLE "logistics_trace" ADD CONSTRAINT "logistics_trace_verdict" CHECK ("verdict" IN ('ok', 'excursion', 'incomplete', 'missing'))
--;
ALTER TABLE "logistics_trace" ADD CONSTRAINT "logistics_trace_file" CHECK ((("sha256" = '' AND "verdict" = 'missing') OR (NOT ("verdict" = 'missing') AND NOT ("sha256" = ''))))
--;
ALTER TABLE "logistics_trace" ADD CONSTRAINT "logistics_trace_window" CHECK ("window_from_at" < ("window_to_at"))
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_shipment_coi_id_47dd6bae_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_shipment_lane_id_bf04d811_fk_network_lane_id" FOREIGN KEY ("lane_id") REFERENCES "network_lane" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_shipment_logger_id_60d73351_fk_network_equipment_id" FOREIGN KEY ("logger_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_shipment_order_id_f2558dd4_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_shipment_shipper_id_692867e3_fk_network_equipment_id" FOREIGN KEY ("shipper_id") REFERENCES "network_equipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "logistics_shipment_code_e9e58d3c_like" ON "logistics_shipment" ("code" text_pattern_ops)
--;
CREATE INDEX "logistics_shipment_sscc_03030185_like" ON "logistics_shipment" ("sscc" text_pattern_ops)
--;
CREATE INDEX "logistics_shipment_coi_id_47dd6bae" ON "logistics_shipment" ("coi_id")
--;
CREATE INDEX "logistics_shipment_lane_id_bf04d811" ON "logistics_shipment" ("lane_id")
--;
CREATE INDEX "logistics_shipment_logger_id_60d73351" ON "logistics_shipment" ("logger_id")
--;
CREATE INDEX "logistics_shipment_order_id_f2558dd4" ON "logistics_shipment" ("order_id")
--;
CREATE INDEX "logistics_shipment_shipper_id_692867e3" ON "logistics_shipment" ("shipper_id")
--;
ALTER TABLE "logistics_permit" ADD CONSTRAINT "logistics_permit_shipment_id_124ee3a0_fk_logistics_shipment_id" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "logistics_permit_shipment_id_124ee3a0" ON "logistics_permit" ("shipment_id")
--;
ALTER TABLE "logistics_milestone" ADD CONSTRAINT "logistics_milestone_shipment_id_bcab229f_fk_logistics" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "logistics_milestone_shipment_id_bcab229f" ON "logistics_milestone" ("shipment_id")
--;
ALTER TABLE "logistics_materialreceipt" ADD CONSTRAINT "logistics_materialre_container_id_63e4f1f0_fk_identity_" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_materialreceipt" ADD CONSTRAINT "logistics_materialre_shipment_id_b8b79c4a_fk_logistics" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_agepermission" ADD CONSTRAINT "logistics_agepermiss_shipment_id_96546618_fk_logistics" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "logistics_agepermission_shipment_id_96546618" ON "logistics_agepermission" ("shipment_id")
--;
ALTER TABLE "logistics_shipmentitem" ADD CONSTRAINT "logistics_shipmentitem_coi_id_a7edf487_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipmentitem" ADD CONSTRAINT "logistics_shipmentit_container_id_34a207d3_fk_identity_" FOREIGN KEY ("container_id") REFERENCES "identity_container" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipmentitem" ADD CONSTRAINT "logistics_shipmentit_shipment_id_897680d5_fk_logistics" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "logistics_shipmentitem_coi_id_a7edf487" ON "logistics_shipmentitem" ("coi_id")
--;
CREATE INDEX "logistics_shipmentitem_container_id_34a207d3" ON "logistics_shipmentitem" ("container_id")
--;
CREATE INDEX "logistics_shipmentitem_shipment_id_897680d5" ON "logistics_shipmentitem" ("shipment_id")
--;
ALTER TABLE "logistics_trace" ADD CONSTRAINT "logistics_trace_shipment_id_029d0e06_fk_logistics_shipment_id" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE logistics_shipmentitem
    ADD CONSTRAINT logistics_item_shipment_on_chain
    FOREIGN KEY (shipment_id, coi_id) REFERENCES logistics_shipment (id, coi_id),
    ADD CONSTRAINT logistics_item_container_on_chain
    FOREIGN KEY (container_id, coi_id) REFERENCES identity_container (id, coi_id);

CREATE FUNCTION logistics_shipment_thread() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.order_id, new.coi_id, new.kind, new.code)
        IS DISTINCT FROM (old.order_id, old.coi_id, old.kind, old.code) THEN
        RAISE EXCEPTION 'order, chain of identity and kind of a shipment are fixed'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_shipment_fixed';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.id = new.order_id AND o.coi_id = new.coi_id) THEN
        RAISE EXCEPTION 'the order is on another chain of identity'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_shipment_thread';
    END IF;
    IF new.kind = 'product' AND new.state IN ('packed', 'in_transit')
        AND (EXISTS (
            SELECT 1 FROM logistics_shipmentitem i JOIN identity_container c ON c.id = i.container_id
            WHERE i.shipment_id = new.id AND (c.disposition <> 'released' OR c.kind <> 'final_product')
        ) OR EXISTS (SELECT 1 FROM orders_order o WHERE o.id = new.order_id AND o.rfi_number = '')) THEN
        RAISE EXCEPTION 'product leaves only when it is released for infusion'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_product_released';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_shipment_thread BEFORE INSERT OR UPDATE ON logistics_shipment
    FOR EACH ROW EXECUTE FUNCTION logistics_shipment_thread();

CREATE FUNCTION logistics_item_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_op = 'UPDATE' THEN
        RAISE EXCEPTION 'what was packed stays recorded as it was'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_fixed';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s
        JOIN orders_order o ON o.id = s.order_id
        JOIN identity_container c ON c.id = new.container_id AND c.coi_id = s.coi_id AND c.state = 'active'
        WHERE s.id = new.shipment_id AND s.state IN ('planned', 'packed') AND (
            (s.kind = 'starting_material' AND c.kind = 'starting_material')
            OR (s.kind = 'product' AND c.kind = 'final_product' AND c.disposition = 'released' AND o.rfi_number <> '')
        )
    ) THEN
        RAISE EXCEPTION 'the container may not be in this shipment'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_gate';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_item_gate BEFORE INSERT OR UPDATE ON logistics_shipmentitem
    FOR EACH ROW EXECUTE FUNCTION logistics_item_gate();

CREATE FUNCTION logistics_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_kept';
END $$;
CREATE TRIGGER logistics_trace_kept BEFORE UPDATE OR DELETE ON logistics_trace
    FOR EACH ROW EXECUTE FUNCTION logistics_kept();
CREATE TRIGGER logistics_milestone_kept BEFORE UPDATE OR DELETE ON logistics_milestone
    FOR EACH ROW EXECUTE FUNCTION logistics_kept();
CREATE TRIGGER logistics_materialreceipt_kept BEFORE UPDATE OR DELETE ON logistics_materialreceipt
    FOR EACH ROW EXECUTE FUNCTION logistics_kept();

CREATE FUNCTION logistics_receipt_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s JOIN logistics_shipmentitem i ON i.shipment_id = s.id
        WHERE s.id = new.shipment_id AND s.state = 'received' AND s.kind = 'starting_material'
            AND i.container_id = new.container_id
    ) THEN
        RAISE EXCEPTION 'only received starting material whose excursions are reviewed is accepted'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_receipt_gate';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_receipt_gate BEFORE INSERT ON logistics_materialreceipt
    FOR EACH ROW EXECUTE FUNCTION logistics_receipt_gate()
--;
CREATE TABLE "logistics_incident" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "description" text NOT NULL, "expected_at" timestamp with time zone NULL, "too_late" boolean NOT NULL, "reported_at" timestamp with time zone NOT NULL, "reported_by" uuid NOT NULL)
--;
CREATE TABLE "logistics_materialreferral" ("id" uuid NOT NULL PRIMARY KEY, "missed" text[] NOT NULL, "age_h" numeric(10, 2) NOT NULL, "volume_ml" numeric(12, 3) NOT NULL, "viability_percent" numeric(5, 2) NOT NULL, "total_cells" numeric(20, 0) NOT NULL, "viable_cells" numeric(20, 0) NOT NULL, "counter_serial" text NOT NULL, "counted_at" timestamp with time zone NOT NULL, "filename" text NOT NULL, "sha256" text NOT NULL, "content" bytea NOT NULL, "referred_at" timestamp with time zone NOT NULL, "referred_by" uuid NOT NULL, "medical" text NOT NULL, "medical_reason" text NOT NULL, "medical_by" uuid NULL, "quality" text NOT NULL, "quality_reason" text NOT NULL, "quality_by" uuid NULL)
--;
ALTER TABLE "logistics_shipment" DROP CONSTRAINT "logistics_kind"
--;
ALTER TABLE "logistics_shipment" DROP CONSTRAINT "logistics_state"
--;
DROP INDEX IF EXISTS "logistics_one_shipment_of_a_kind"
--;
ALTER TABLE "logistics_materialreceipt" ADD COLUMN "missed" text[] DEFAULT '{}' NOT NULL
--;
ALTER TABLE "logistics_materialreceipt" ALTER COLUMN "missed" DROP DEFAULT
--;
SET CONSTRAINTS "logistics_materialre_shipment_id_b8b79c4a_fk_logistics" IMMEDIATE; ALTER TABLE "logistics_materialreceipt" DROP CONSTRAINT "logistics_materialre_shipment_id_b8b79c4a_fk_logistics"
--;
ALTER TABLE "logistics_materialreceipt" DROP CONSTRAINT "logistics_materialreceipt_shipment_id_key"
--;
CREATE INDEX "logistics_materialreceipt_shipment_id_b8b79c4a" ON "logistics_materialreceipt" ("shipment_id")
--;
ALTER TABLE "logistics_materialreceipt" ADD CONSTRAINT "logistics_materialre_shipment_id_b8b79c4a_fk_logistics" FOREIGN KEY ("shipment_id") REFERENCES "logistics_shipment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_kind" CHECK ("kind" IN ('starting_material', 'product', 'return'))
--;
ALTER TABLE "logistics_shipment" ADD CONSTRAINT "logistics_state" CHECK ("state" IN ('planned', 'cancelled', 'packed', 'in_transit', 'delivered', 'received', 'quarantined', 'rejected', 'lost'))
--;
CREATE UNIQUE INDEX "logistics_one_shipment_of_a_kind" ON "logistics_shipment" ("order_id", "kind") WHERE "state" IN ('planned', 'packed', 'in_transit', 'delivered', 'quarantined')
--;
ALTER TABLE "logistics_incident" ADD COLUMN "shipment_id" uuid NOT NULL CONSTRAINT "logistics_incident_shipment_id_5be83495_fk_logistics" REFERENCES "logistics_shipment"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "logistics_incident_shipment_id_5be83495_fk_logistics" IMMEDIATE
--;
ALTER TABLE "logistics_materialreferral" ADD COLUMN "container_id" uuid NOT NULL UNIQUE CONSTRAINT "logistics_materialre_container_id_5077256b_fk_identity_" REFERENCES "identity_container"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "logistics_materialre_container_id_5077256b_fk_identity_" IMMEDIATE
--;
ALTER TABLE "logistics_materialreferral" ADD COLUMN "shipment_id" uuid NOT NULL CONSTRAINT "logistics_materialre_shipment_id_08fab961_fk_logistics" REFERENCES "logistics_shipment"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "logistics_materialre_shipment_id_08fab961_fk_logistics" IMMEDIATE
--;
ALTER TABLE "logistics_incident" ADD CONSTRAINT "logistics_incident_kind" CHECK ("kind" IN ('delayed', 'tipped', 'damaged'))
--;
ALTER TABLE "logistics_materialreferral" ADD CONSTRAINT "logistics_referral_words" CHECK (("medical" IN ('', 'accepted', 'rejected') AND "quality" IN ('', 'accepted', 'rejected')))
--;
ALTER TABLE "logistics_materialreferral" ADD CONSTRAINT "logistics_referral_two_people" CHECK (("medical_by" IS NULL OR "quality_by" IS NULL OR NOT ("medical_by" = ("quality_by") AND "medical_by" IS NOT NULL AND "quality_by" IS NOT NULL)))
--;
CREATE OR REPLACE FUNCTION logistics_item_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF tg_op = 'UPDATE' THEN
        RAISE EXCEPTION 'what was packed stays recorded as it was'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_fixed';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s
        JOIN orders_order o ON o.id = s.order_id
        JOIN identity_container c ON c.id = new.container_id AND c.coi_id = s.coi_id AND c.state = 'active'
        WHERE s.id = new.shipment_id AND s.state IN ('planned', 'packed') AND (
            (s.kind = 'starting_material' AND c.kind = 'starting_material')
            OR (s.kind = 'return' AND c.kind = 'final_product' AND c.disposition = 'quarantined')
            OR (s.kind = 'product' AND c.kind = 'final_product' AND c.disposition = 'released' AND o.rfi_number <> '')
        )
    ) THEN
        RAISE EXCEPTION 'the container may not be in this shipment'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_item_gate';
    END IF;
    RETURN new;
END $$;
CREATE OR REPLACE FUNCTION logistics_receipt_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM logistics_shipment s JOIN logistics_shipmentitem i ON i.shipment_id = s.id
        WHERE s.id = new.shipment_id AND s.state = 'received' AND s.kind = 'starting_material'
            AND i.container_id = new.container_id
            AND EXISTS (SELECT 1 FROM logistics_trace t WHERE t.shipment_id = s.id
                AND (t.verdict = 'ok' OR s.review = 'accepted'))
    ) THEN
        RAISE EXCEPTION 'only received starting material whose excursions are reviewed is accepted'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_receipt_gate';
    END IF;
    IF EXISTS (
        SELECT 1 FROM identity_container c WHERE c.id = new.container_id AND c.expires_at < new.accepted_at
    ) THEN
        RAISE EXCEPTION 'starting material past its limit is not accepted'
            USING ERRCODE = '23514', CONSTRAINT = 'logistics_receipt_in_time';
    END IF;
    RETURN new;
END $$;
CREATE FUNCTION logistics_referral_kept() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (new.shipment_id, new.container_id, new.total_cells, new.viable_cells, new.sha256)
        IS DISTINCT FROM (old.shipment_id, old.container_id, old.total_cells, old.viable_cells, old.sha256)
        OR (old.medical <> '' AND new.medical <> old.medical) OR (old.quality <> '' AND new.quality <> old.quality) THEN
        RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = '23514', CONSTRAINT = 'logistics_referral_kept';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER logistics_referral_kept BEFORE UPDATE ON logistics_materialreferral
    FOR EACH ROW EXECUTE FUNCTION logistics_referral_kept();
ALTER TABLE logistics_materialreceipt ALTER COLUMN missed SET DEFAULT '{}'
--;
CREATE INDEX "logistics_incident_shipment_id_5be83495" ON "logistics_incident" ("shipment_id")
--;
CREATE INDEX "logistics_materialreferral_shipment_id_08fab961" ON "logistics_materialreferral" ("shipment_id")
--;
CREATE TABLE "manufacturing_offlinepack" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "journal_entry" bigint NOT NULL, "journal_head" text NOT NULL, "state" text NOT NULL, "issued_at" timestamp with time zone NOT NULL, "issued_by_name" text NOT NULL, "used" boolean NULL, "late_entries" integer NULL, "note" text NOT NULL, "reconciled_at" timestamp with time zone NULL, "reconciled_by_name" text NOT NULL, "attachment_id" uuid NOT NULL, "batch_id" uuid NOT NULL, "issued_by_id" uuid NOT NULL, "reconciled_by_id" uuid NULL, CONSTRAINT "manufacturing_pack_state" CHECK ("state" IN ('issued', 'superseded', 'reconciled')), CONSTRAINT "manufacturing_pack_accounted_for" CHECK ((NOT ("state" = 'reconciled') OR ("reconciled_by_id" IS NOT NULL AND "late_entries" = 0 AND NOT "used") OR ("reconciled_by_id" IS NOT NULL AND "late_entries" > 0 AND "used"))))
--;
ALTER TABLE "manufacturing_offlinepack" ADD CONSTRAINT "manufacturing_offlin_attachment_id_8f221149_fk_manufactu" FOREIGN KEY ("attachment_id") REFERENCES "manufacturing_rawattachment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_offlinepack" ADD CONSTRAINT "manufacturing_offlin_batch_id_d1ec9216_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_offlinepack" ADD CONSTRAINT "manufacturing_offlin_issued_by_id_26bbfb9c_fk_people_ac" FOREIGN KEY ("issued_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "manufacturing_offlinepack" ADD CONSTRAINT "manufacturing_offlin_reconciled_by_id_97f13b13_fk_people_ac" FOREIGN KEY ("reconciled_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE UNIQUE INDEX "manufacturing_pack_one_in_force" ON "manufacturing_offlinepack" ("batch_id") WHERE "state" = 'issued'
--;
CREATE INDEX "manufacturing_offlinepack_code_82ca360c_like" ON "manufacturing_offlinepack" ("code" text_pattern_ops)
--;
CREATE INDEX "manufacturing_offlinepack_attachment_id_8f221149" ON "manufacturing_offlinepack" ("attachment_id")
--;
CREATE INDEX "manufacturing_offlinepack_batch_id_d1ec9216" ON "manufacturing_offlinepack" ("batch_id")
--;
CREATE INDEX "manufacturing_offlinepack_issued_by_id_26bbfb9c" ON "manufacturing_offlinepack" ("issued_by_id")
--;
CREATE INDEX "manufacturing_offlinepack_reconciled_by_id_97f13b13" ON "manufacturing_offlinepack" ("reconciled_by_id")
--;
ALTER TABLE "network_reservation" DROP CONSTRAINT "network_reservation_bounded"
--;
ALTER TABLE "network_reservation" DROP CONSTRAINT "network_reservation_state"
--;
ALTER TABLE "network_reservation" ADD COLUMN "held_for" text DEFAULT '' NOT NULL
--;
ALTER TABLE "network_reservation" ADD CONSTRAINT "network_reservation_bounded" CHECK ((lower("during") IS NOT NULL AND (upper("during") IS NOT NULL OR "state" = 'in_use')))
--;
ALTER TABLE "network_reservation" ADD CONSTRAINT "network_reservation_state" CHECK ("state" IN ('held', 'in_use', 'released', 'used'))
--;
CREATE TABLE "therapies_rehearsal" ("id" uuid NOT NULL PRIMARY KEY, "passes" boolean NOT NULL, "patients" integer NOT NULL, "model_digest" text NOT NULL, "seed" bigint NOT NULL, "verdict" text NOT NULL, "rehearsed_at" timestamp with time zone NOT NULL, "definition_id" uuid NOT NULL, CONSTRAINT "therapies_rehearsal_of_somebody" CHECK ((NOT "passes" OR "patients" > 0)))
--;
ALTER TABLE "therapies_rehearsal" ADD CONSTRAINT "therapies_rehearsal_definition_id_80bf74b1_fk_therapies" FOREIGN KEY ("definition_id") REFERENCES "therapies_definitionversion" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "therapies_rehearsal_definition_id_80bf74b1" ON "therapies_rehearsal" ("definition_id")
--;
CREATE INDEX "therapies_rehearsal_newest" ON "therapies_rehearsal" ("definition_id", "rehearsed_at")
--;
CREATE TABLE "orders_daterequest" ("id" uuid NOT NULL PRIMARY KEY, "planned_at" timestamp with time zone NOT NULL, "wished_at" timestamp with time zone NOT NULL, "reason" text NOT NULL, "state" text NOT NULL, "requested_at" timestamp with time zone NOT NULL, "requested_by" uuid NOT NULL, "requested_by_name" text NOT NULL, "answer" text NOT NULL, "agreed_at" timestamp with time zone NULL, "answered_at" timestamp with time zone NULL, "answered_by" uuid NULL, "answered_by_name" text NOT NULL, "order_id" uuid NOT NULL, CONSTRAINT "orders_date_request_state" CHECK ("state" IN ('requested', 'agreed', 'declined', 'withdrawn')), CONSTRAINT "orders_date_request_answered" CHECK (("state" = 'requested' OR ("answered_at" IS NOT NULL AND NOT ("answer" = '')))))
--;
CREATE TABLE "orders_document" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "filename" text NOT NULL, "format" text NOT NULL, "sha256" text NOT NULL, "size_bytes" integer NOT NULL, "content" bytea NOT NULL, "comment" text NOT NULL, "of_hospital" boolean NOT NULL, "shared_at" timestamp with time zone NOT NULL, "shared_by" uuid NOT NULL, "shared_by_name" text NOT NULL, "withdrawn_at" timestamp with time zone NULL, "withdrawn_reason" text NOT NULL, "order_id" uuid NOT NULL, CONSTRAINT "orders_document_kind" CHECK ("kind" IN ('consent', 'referral', 'laboratory_report', 'medical_report', 'apheresis_record', 'certificate', 'correspondence')), CONSTRAINT "orders_document_format" CHECK ("format" IN ('pdf', 'png', 'jpg')), CONSTRAINT "orders_document_size" CHECK (("size_bytes" > 0 AND "size_bytes" <= 5242880)))
--;
ALTER TABLE "orders_daterequest" ADD CONSTRAINT "orders_daterequest_order_id_4d276d02_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE UNIQUE INDEX "orders_one_open_date_request" ON "orders_daterequest" ("order_id") WHERE "state" = 'requested'
--;
CREATE INDEX "orders_daterequest_order_id_4d276d02" ON "orders_daterequest" ("order_id")
--;
ALTER TABLE "orders_document" ADD CONSTRAINT "orders_document_order_id_f40457bc_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE UNIQUE INDEX "orders_document_once" ON "orders_document" ("order_id", "sha256") WHERE "withdrawn_at" IS NULL
--;
CREATE INDEX "orders_document_order_id_f40457bc" ON "orders_document" ("order_id")
--;
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
    FOR EACH ROW EXECUTE FUNCTION orders_document_fixed()
--;
CREATE INDEX "orders_order_subject" ON "orders_order" ("subject_number" text_pattern_ops)
--;
CREATE INDEX "orders_order_rfi" ON "orders_order" ("rfi_number")
--;
CREATE TABLE "people_pace" ("key" text NOT NULL PRIMARY KEY, "began_at" timestamp with time zone NOT NULL, "count" integer NOT NULL)
--;
ALTER TABLE people_pace SET UNLOGGED
--;
CREATE INDEX "people_pace_key_ee10d652_like" ON "people_pace" ("key" text_pattern_ops)
--;
CREATE TABLE "planning_absence" ("id" uuid NOT NULL PRIMARY KEY, "unit" text NOT NULL, "starts_at" timestamp with time zone NOT NULL, "ends_at" timestamp with time zone NOT NULL, "reason" text NOT NULL, "recorded_by" uuid NOT NULL, "withdrawn_at" timestamp with time zone NULL, CONSTRAINT "planning_absence_forward" CHECK ("ends_at" > ("starts_at")))
--;
CREATE TABLE "planning_plan" ("id" uuid NOT NULL PRIMARY KEY, "number" integer NOT NULL, "state" text NOT NULL, "reason" text NOT NULL, "origin_at" timestamp with time zone NOT NULL, "as_of_at" timestamp with time zone NOT NULL, "made_at" timestamp with time zone NOT NULL, "made_by" uuid NOT NULL, "problem" text NOT NULL, "plan" text NOT NULL, "changes" jsonb NOT NULL, "problem_digest" text NOT NULL, "plan_digest" text NOT NULL, "objective" bigint NOT NULL, "bound" bigint NOT NULL, "bound_by" text NOT NULL, "courses" integer NOT NULL, "operations" integer NOT NULL, "checked_by" text NOT NULL, "adopted_at" timestamp with time zone NULL, "adopted_by" uuid NULL, "parent_id" uuid NULL, "site_id" uuid NOT NULL)
--;
CREATE TABLE "planning_disruption" ("id" uuid NOT NULL PRIMARY KEY, "kind" text NOT NULL, "state" text NOT NULL, "subject" text NOT NULL, "told" text NOT NULL, "source" text NOT NULL UNIQUE, "happened_at" timestamp with time zone NOT NULL, "settled_at" timestamp with time zone NULL, "settled_by" uuid NULL, "settled_reason" text NOT NULL, "order_id" uuid NULL, "plan_id" uuid NULL)
--;
CREATE TABLE "planning_promise" ("id" uuid NOT NULL PRIMARY KEY, "state" text NOT NULL, "collection_at" timestamp with time zone NOT NULL, "infusion_at" timestamp with time zone NOT NULL, "promised_at" timestamp with time zone NOT NULL, "promised_by" uuid NOT NULL, "expires_at" timestamp with time zone NOT NULL, "chain" jsonb NOT NULL, "ended_at" timestamp with time zone NULL, "ended_reason" text NOT NULL, "bed_id" uuid NULL, "order_id" uuid NOT NULL, "slot_id" uuid NULL)
--;
CREATE TABLE "planning_datechange" ("id" uuid NOT NULL PRIMARY KEY, "was_at" timestamp with time zone NOT NULL, "becomes_at" timestamp with time zone NOT NULL, "why" jsonb NOT NULL, "confirmed_at" timestamp with time zone NULL, "confirmed_by" uuid NULL, "confirmed_reason" text NOT NULL, "plan_id" uuid NOT NULL, "promise_id" uuid NOT NULL)
--;
ALTER TABLE "planning_plan" ADD CONSTRAINT "planning_plan_number" UNIQUE ("site_id", "number")
--;
CREATE UNIQUE INDEX "planning_one_draft" ON "planning_plan" ("site_id") WHERE "state" = 'draft'
--;
CREATE UNIQUE INDEX "planning_one_in_force" ON "planning_plan" ("site_id") WHERE "state" = 'adopted'
--;
ALTER TABLE "planning_plan" ADD CONSTRAINT "planning_plan_state" CHECK ("state" IN ('draft', 'revised', 'withdrawn', 'adopted', 'superseded'))
--;
ALTER TABLE "planning_plan" ADD CONSTRAINT "planning_plan_bound" CHECK ("bound" <= ("objective"))
--;
ALTER TABLE "planning_plan" ADD CONSTRAINT "planning_plan_adopted_by_name" CHECK ((NOT ("state" IN ('adopted', 'superseded')) OR "adopted_by" IS NOT NULL))
--;
ALTER TABLE "planning_disruption" ADD CONSTRAINT "planning_disruption_kind" CHECK ("kind" IN ('batch_terminated', 'course_stopped', 'order_ended', 'equipment_out', 'shipment_late', 'out_of_specification', 'person_off', 'unit_closed', 'collection_moved', 'date_at_risk'))
--;
ALTER TABLE "planning_disruption" ADD CONSTRAINT "planning_disruption_state" CHECK ("state" IN ('open', 'settled'))
--;
ALTER TABLE "planning_disruption" ADD CONSTRAINT "planning_disruption_settled_by_name" CHECK ((NOT ("state" = 'settled') OR ("settled_by" IS NOT NULL AND NOT ("settled_reason" = ''))))
--;
CREATE UNIQUE INDEX "planning_one_promise" ON "planning_promise" ("order_id") WHERE "state" = 'standing'
--;
ALTER TABLE "planning_promise" ADD CONSTRAINT "planning_promise_state" CHECK ("state" IN ('standing', 'moved', 'expired', 'released', 'kept'))
--;
ALTER TABLE "planning_promise" ADD CONSTRAINT "planning_promise_forward" CHECK ("infusion_at" > ("collection_at"))
--;
ALTER TABLE "planning_datechange" ADD CONSTRAINT "planning_date_change_once" UNIQUE ("plan_id", "promise_id")
--;
ALTER TABLE "planning_datechange" ADD CONSTRAINT "planning_date_change_confirmed_by_name" CHECK (("confirmed_at" IS NULL OR ("confirmed_by" IS NOT NULL AND NOT ("confirmed_reason" = ''))))
--;
CREATE INDEX "planning_absence_ends" ON "planning_absence" ("ends_at")
--;
ALTER TABLE "planning_plan" ADD CONSTRAINT "planning_plan_parent_id_9e44b46f_fk_planning_plan_id" FOREIGN KEY ("parent_id") REFERENCES "planning_plan" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "planning_plan" ADD CONSTRAINT "planning_plan_site_id_a4232da9_fk_network_site_id" FOREIGN KEY ("site_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "planning_plan_parent_id_9e44b46f" ON "planning_plan" ("parent_id")
--;
CREATE INDEX "planning_plan_site_id_a4232da9" ON "planning_plan" ("site_id")
--;
ALTER TABLE "planning_disruption" ADD CONSTRAINT "planning_disruption_order_id_b78a3e19_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "planning_disruption" ADD CONSTRAINT "planning_disruption_plan_id_2b1987bb_fk_planning_plan_id" FOREIGN KEY ("plan_id") REFERENCES "planning_plan" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "planning_disruption_source_fd0e1911_like" ON "planning_disruption" ("source" text_pattern_ops)
--;
CREATE INDEX "planning_disruption_order_id_b78a3e19" ON "planning_disruption" ("order_id")
--;
CREATE INDEX "planning_disruption_plan_id_2b1987bb" ON "planning_disruption" ("plan_id")
--;
ALTER TABLE "planning_promise" ADD CONSTRAINT "planning_promise_bed_id_d58cc7bd_fk_network_reservation_id" FOREIGN KEY ("bed_id") REFERENCES "network_reservation" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "planning_promise" ADD CONSTRAINT "planning_promise_order_id_41619dd7_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "planning_promise" ADD CONSTRAINT "planning_promise_slot_id_099a624d_fk_network_reservation_id" FOREIGN KEY ("slot_id") REFERENCES "network_reservation" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "planning_promise_bed_id_d58cc7bd" ON "planning_promise" ("bed_id")
--;
CREATE INDEX "planning_promise_order_id_41619dd7" ON "planning_promise" ("order_id")
--;
CREATE INDEX "planning_promise_slot_id_099a624d" ON "planning_promise" ("slot_id")
--;
ALTER TABLE "planning_datechange" ADD CONSTRAINT "planning_datechange_plan_id_57070813_fk_planning_plan_id" FOREIGN KEY ("plan_id") REFERENCES "planning_plan" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "planning_datechange" ADD CONSTRAINT "planning_datechange_promise_id_56579ea0_fk_planning_promise_id" FOREIGN KEY ("promise_id") REFERENCES "planning_promise" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "planning_datechange_plan_id_57070813" ON "planning_datechange" ("plan_id")
--;
CREATE INDEX "planning_datechange_promise_id_56579ea0" ON "planning_datechange" ("promise_id")
--;
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
    FOR EACH ROW EXECUTE FUNCTION planning_plan_stays()
--;
CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;

CREATE TABLE IF NOT EXISTS procrastinate_version (
    id BIGSERIAL PRIMARY KEY,
    version TEXT,
    name TEXT,
    applied_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TYPE procrastinate_job_status AS ENUM (
    'todo',  -- The job is queued
    'doing',  -- The job has been fetched by a worker
    'succeeded',  -- The job ended successfully
    'failed'  -- The job ended with an error
);

CREATE TYPE procrastinate_job_event_type AS ENUM (
    'deferred',  -- Job created, in todo
    'started',  -- todo -> doing
    'deferred_for_retry',  -- doing -> todo
    'failed',  -- doing -> failed
    'succeeded',  -- doing -> succeeded
    'cancelled', -- todo -> failed or succeeded
    'scheduled' -- not an event transition, but recording when a task is scheduled for
);

CREATE TABLE procrastinate_jobs (
    id bigserial PRIMARY KEY,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    lock text,
    args jsonb DEFAULT '{}' NOT NULL,
    status procrastinate_job_status DEFAULT 'todo'::procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone NULL,
    started_at timestamp with time zone NULL,
    attempts integer DEFAULT 0 NOT NULL
);

CREATE TABLE procrastinate_events (
    id BIGSERIAL PRIMARY KEY,
    job_id integer NOT NULL REFERENCES procrastinate_jobs ON DELETE CASCADE,
    type procrastinate_job_event_type,
    at timestamp with time zone DEFAULT NOW() NULL
);

CREATE TABLE procrastinate_job_locks (
    object text PRIMARY KEY
);

CREATE FUNCTION procrastinate_fetch_job(target_queue_names character varying[]) RETURNS procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
	WITH potential_job AS (
		SELECT procrastinate_jobs.*
			FROM procrastinate_jobs
			LEFT JOIN procrastinate_job_locks ON procrastinate_job_locks.object = procrastinate_jobs.lock
			WHERE (target_queue_names IS NULL OR queue_name = ANY( target_queue_names ))
			  AND procrastinate_job_locks.object IS NULL
			  AND status = 'todo'
			  AND (scheduled_at IS NULL OR scheduled_at <= now())
            ORDER BY id ASC
			FOR UPDATE OF procrastinate_jobs SKIP LOCKED LIMIT 1
	), lock_object AS (
		INSERT INTO procrastinate_job_locks
			SELECT lock FROM potential_job
            ON CONFLICT DO NOTHING
            RETURNING object
	)
	UPDATE procrastinate_jobs
		SET status = 'doing',
            started_at = NOW()
		FROM potential_job, lock_object
        WHERE lock_object.object IS NOT NULL
		AND procrastinate_jobs.id = potential_job.id
		RETURNING * INTO found_jobs;

	RETURN found_jobs;
END;
$$;

CREATE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status, next_scheduled_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
	WITH finished_job AS (
		UPDATE procrastinate_jobs
        SET status = end_status,
            attempts = attempts + 1,
            scheduled_at = COALESCE(next_scheduled_at, scheduled_at)
        WHERE id = job_id RETURNING lock
	)
	DELETE FROM procrastinate_job_locks WHERE object = (SELECT lock FROM finished_job);
END;
$$;

CREATE FUNCTION procrastinate_notify_queue() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
	PERFORM pg_notify('procrastinate_queue#' || NEW.queue_name, NEW.task_name);
	PERFORM pg_notify('procrastinate_any_queue', NEW.task_name);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_status_events_procedure_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_status_events_procedure_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE FUNCTION procrastinate_trigger_scheduled_events_procedure() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE INDEX ON procrastinate_jobs(queue_name);

CREATE TRIGGER procrastinate_jobs_notify_queue
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue();

CREATE TRIGGER procrastinate_trigger_status_events_update
    AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW
    EXECUTE PROCEDURE procrastinate_trigger_status_events_procedure_update();

CREATE TRIGGER procrastinate_trigger_status_events_insert
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'doing'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_status_events_procedure_insert();

CREATE TRIGGER procrastinate_trigger_scheduled_events
    AFTER UPDATE OR INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.scheduled_at IS NOT NULL AND new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_scheduled_events_procedure();

CREATE INDEX procrastinate_events_job_id_fkey ON procrastinate_events(job_id)
--;
-- remove the started_at column from the procrastinate_jobs table
ALTER TABLE procrastinate_jobs DROP COLUMN started_at
--;
-- replace the procrastinate_fetch_job function with a version that doesn't
-- set the started_at field when updating the procrastinate_jobs table
CREATE OR REPLACE FUNCTION procrastinate_fetch_job(target_queue_names character varying[]) RETURNS procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
	WITH potential_job AS (
		SELECT procrastinate_jobs.*
			FROM procrastinate_jobs
			LEFT JOIN procrastinate_job_locks ON procrastinate_job_locks.object = procrastinate_jobs.lock
			WHERE (target_queue_names IS NULL OR queue_name = ANY( target_queue_names ))
			  AND procrastinate_job_locks.object IS NULL
			  AND status = 'todo'
			  AND (scheduled_at IS NULL OR scheduled_at <= now())
            ORDER BY id ASC
			FOR UPDATE OF procrastinate_jobs SKIP LOCKED LIMIT 1
	), lock_object AS (
		INSERT INTO procrastinate_job_locks
			SELECT lock FROM potential_job
            ON CONFLICT DO NOTHING
            RETURNING object
	)
	UPDATE procrastinate_jobs
		SET status = 'doing'
		FROM potential_job, lock_object
        WHERE lock_object.object IS NOT NULL
		AND procrastinate_jobs.id = potential_job.id
		RETURNING * INTO found_jobs;

	RETURN found_jobs;
END;
$$
--;
-- drop the procrastinate_version table
DROP TABLE IF EXISTS procrastinate_version
--;
-- fix procrastinate_fetch_job that works by accident, now returning a proper
-- procrastinate_jobs row
CREATE OR REPLACE FUNCTION procrastinate_fetch_job(target_queue_names character varying[]) RETURNS procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
	WITH potential_job AS (
		SELECT procrastinate_jobs.*
			FROM procrastinate_jobs
			LEFT JOIN procrastinate_job_locks ON procrastinate_job_locks.object = procrastinate_jobs.lock
			WHERE (target_queue_names IS NULL OR queue_name = ANY( target_queue_names ))
			  AND procrastinate_job_locks.object IS NULL
			  AND status = 'todo'
			  AND (scheduled_at IS NULL OR scheduled_at <= now())
            ORDER BY id ASC
			FOR UPDATE OF procrastinate_jobs SKIP LOCKED LIMIT 1
	), lock_object AS (
		INSERT INTO procrastinate_job_locks
			SELECT lock FROM potential_job
            ON CONFLICT DO NOTHING
            RETURNING object
	)
	UPDATE procrastinate_jobs
		SET status = 'doing'
		FROM potential_job, lock_object
        WHERE lock_object.object IS NOT NULL
		AND procrastinate_jobs.id = potential_job.id
		RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$
--;
-- re-create the procrastinate_trigger_status_events_insert trigger
DROP TRIGGER procrastinate_trigger_status_events_insert on procrastinate_jobs;
CREATE TRIGGER procrastinate_trigger_status_events_insert
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_status_events_procedure_insert()
--;
-- add a queueing_lock column to the procrastinate_jobs table
ALTER TABLE procrastinate_jobs ADD COLUMN queueing_lock text;
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx ON procrastinate_jobs (queueing_lock) WHERE status = 'todo'
--;
DROP TABLE IF EXISTS procrastinate_job_locks;

CREATE UNIQUE INDEX procrastinate_jobs_lock_idx ON procrastinate_jobs (lock) WHERE status = 'doing';

CREATE OR REPLACE FUNCTION procrastinate_fetch_job(target_queue_names character varying[]) RETURNS procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS earlier_jobs
                        WHERE earlier_jobs.lock = jobs.lock
                            AND earlier_jobs.status IN ('todo', 'doing')
                            AND earlier_jobs.id < jobs.id)
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing'
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$;

CREATE OR REPLACE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status, next_scheduled_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_jobs
    SET status = end_status,
        attempts = attempts + 1,
        scheduled_at = COALESCE(next_scheduled_at, scheduled_at)
    WHERE id = job_id;
END;
$$
--;
CREATE OR REPLACE FUNCTION procrastinate_defer_job(queue_name character varying, task_name character varying, lock text, queueing_lock text, args json, scheduled_at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	job_id bigint;
BEGIN
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
    VALUES (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
    RETURNING id INTO job_id;

    RETURN job_id;
END;
$$
--;
CREATE TABLE procrastinate_periodic_defers (
    id bigserial PRIMARY KEY,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint REFERENCES procrastinate_jobs(id) NULL,
    UNIQUE (task_name, defer_timestamp)
);
-- When parameters change, function must be dropped.
DROP FUNCTION IF EXISTS procrastinate_defer_job;
CREATE FUNCTION procrastinate_defer_job(
    queue_name character varying,
    task_name character varying,
    lock text,
    queueing_lock text,
    args jsonb,
    scheduled_at timestamp with time zone
) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	job_id bigint;
BEGIN
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
    VALUES (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
    RETURNING id INTO job_id;

    RETURN job_id;
END;
$$;

DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job;
CREATE FUNCTION procrastinate_defer_periodic_job(
    _queue_name character varying,
    _task_name character varying,
    _defer_timestamp bigint
) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, defer_timestamp)
        VALUES (_task_name, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job(
                _queue_name,
                _task_name,
                NULL,
                NULL,
                ('{"timestamp": ' || _defer_timestamp || '}')::jsonb,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        WHERE
            _job_id IS NOT NULL
            AND procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp;

    RETURN _job_id;
END;
$$
--;
CREATE INDEX procrastinate_periodic_defers_job_id_fkey ON procrastinate_periodic_defers(job_id)
--;
ALTER TABLE procrastinate_periodic_defers
    ADD COLUMN queue_name character varying(128) NOT NULL DEFAULT 'undefined';

ALTER TABLE procrastinate_periodic_defers
    ALTER COLUMN queue_name DROP DEFAULT;

ALTER TABLE procrastinate_periodic_defers
    DROP CONSTRAINT procrastinate_periodic_defers_task_name_defer_timestamp_key;

ALTER TABLE procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, queue_name, defer_timestamp);

DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job;
CREATE FUNCTION procrastinate_defer_periodic_job(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _defer_timestamp bigint
) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, queue_name, defer_timestamp)
        VALUES (_task_name, _queue_name, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job(
                _queue_name,
                _task_name,
                _lock,
                _queueing_lock,
                ('{"timestamp": ' || _defer_timestamp || '}')::jsonb,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        WHERE
            _job_id IS NOT NULL
            AND procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp;

    RETURN _job_id;
END;
$$
--;
DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job;
CREATE FUNCTION procrastinate_defer_periodic_job(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _defer_timestamp bigint
) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, queue_name, defer_timestamp)
        VALUES (_task_name, _queue_name, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job(
                _queue_name,
                _task_name,
                _lock,
                _queueing_lock,
                ('{"timestamp": ' || _defer_timestamp || '}')::jsonb,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.queue_name = _queue_name
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$
--;
CREATE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_jobs
    SET status = end_status,
        attempts = attempts + 1
    WHERE id = job_id;
END;
$$;

CREATE FUNCTION procrastinate_retry_job(job_id integer, retry_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_jobs
    SET status = 'todo',
        attempts = attempts + 1,
        scheduled_at = retry_at
    WHERE id = job_id;
END;
$$
--;
CREATE FUNCTION procrastinate_unlink_periodic_defers() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE TRIGGER procrastinate_trigger_delete_jobs
    BEFORE DELETE ON procrastinate_jobs
    FOR EACH ROW EXECUTE PROCEDURE procrastinate_unlink_periodic_defers()
--;
CREATE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs WHERE id = job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            attempts = attempts + 1
        WHERE id = job_id;
    END IF;
END;
$$
--;
CREATE OR REPLACE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed') THEN
        RAISE 'End status should be either "succeeded" or "failed" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            attempts =
                CASE
                    WHEN status = 'doing' THEN attempts + 1
                    ELSE attempts
                END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$
--;
CREATE OR REPLACE FUNCTION procrastinate_retry_job(job_id integer, retry_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    UPDATE procrastinate_jobs
    SET status = 'todo',
        attempts = attempts + 1,
        scheduled_at = retry_at
    WHERE id = job_id AND status = 'doing'
    RETURNING id INTO _job_id;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$
--;
DROP FUNCTION IF EXISTS procrastinate_finish_job(integer, procrastinate_job_status, boolean);

CREATE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status, next_scheduled_at timestamp with time zone, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed') THEN
        RAISE 'End status should be either "succeeded" or "failed" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            attempts =
                CASE
                    WHEN status = 'doing' THEN attempts + 1
                    ELSE attempts
                END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$
--;
CREATE INDEX IF NOT EXISTS procrastinate_jobs_id_lock_idx ON procrastinate_jobs (id, lock) WHERE status = ANY (ARRAY['todo'::procrastinate_job_status, 'doing'::procrastinate_job_status])
--;
ALTER TABLE "procrastinate_periodic_defers"
    ADD COLUMN IF NOT EXISTS "periodic_id" character varying(128) NOT NULL DEFAULT '';

-- Column kept for backwards compatibility, will be removed in the future.
ALTER TABLE "procrastinate_periodic_defers"
    ALTER COLUMN "queue_name" DROP NOT NULL;

ALTER TABLE "procrastinate_periodic_defers"
    DROP CONSTRAINT IF EXISTS procrastinate_periodic_defers_unique;

ALTER TABLE "procrastinate_periodic_defers"
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE ("task_name", "periodic_id", "defer_timestamp");

CREATE FUNCTION procrastinate_defer_periodic_job(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job(
                _queue_name,
                _task_name,
                _lock,
                _queueing_lock,
                _args,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$
--;
DROP FUNCTION IF EXISTS procrastinate_fetch_job(target_queue_names character varying[]);

CREATE FUNCTION procrastinate_fetch_job(target_queue_names character varying[]) RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS earlier_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND earlier_jobs.lock = jobs.lock
                            AND earlier_jobs.status IN ('todo', 'doing')
                            AND earlier_jobs.id < jobs.id)
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing'
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$
--;
-- remove old procrastinate_finish_job functions

-- https://github.com/procrastinate-org/procrastinate/pull/336
DROP FUNCTION IF EXISTS procrastinate_finish_job(integer, procrastinate_job_status, timestamp with time zone);

-- https://github.com/procrastinate-org/procrastinate/pull/354
DROP FUNCTION IF EXISTS procrastinate_finish_job(integer, procrastinate_job_status);

-- https://github.com/procrastinate-org/procrastinate/pull/381
CREATE OR REPLACE FUNCTION procrastinate_finish_job(job_id integer, end_status procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed') THEN
        RAISE 'End status should be either "succeeded" or "failed" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            attempts =
                CASE
                    WHEN status = 'doing' THEN attempts + 1
                    ELSE attempts
                END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

-- https://github.com/procrastinate-org/procrastinate/pull/471
DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job(character varying, character varying, character varying, character varying, bigint);

ALTER TABLE procrastinate_periodic_defers DROP COLUMN "queue_name"
--;
ALTER TABLE procrastinate_events ALTER COLUMN "job_id" TYPE bigint;

DROP FUNCTION IF EXISTS procrastinate_finish_job(integer, procrastinate_job_status, boolean);
CREATE OR REPLACE FUNCTION procrastinate_finish_job(job_id bigint, end_status procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed') THEN
        RAISE 'End status should be either "succeeded" or "failed" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            attempts =
                CASE
                    WHEN status = 'doing' THEN attempts + 1
                    ELSE attempts
                END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

DROP FUNCTION IF EXISTS procrastinate_retry_job(integer, timestamp with time zone);
CREATE OR REPLACE FUNCTION procrastinate_retry_job(job_id bigint, retry_at timestamp with time zone)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    UPDATE procrastinate_jobs
    SET status = 'todo',
        attempts = attempts + 1,
        scheduled_at = retry_at
    WHERE id = job_id AND status = 'doing'
    RETURNING id INTO _job_id;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$
--;
ALTER TABLE procrastinate_jobs ADD COLUMN priority integer DEFAULT 0 NOT NULL;

CREATE OR REPLACE FUNCTION procrastinate_defer_job(
    queue_name character varying,
    task_name character varying,
    priority integer,
    lock text,
    queueing_lock text,
    args jsonb,
    scheduled_at timestamp with time zone
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	job_id bigint;
BEGIN
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
    VALUES (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
    RETURNING id INTO job_id;

    RETURN job_id;
END;
$$;

DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job(character varying, character varying, character varying, character varying, character varying, bigint, jsonb);
CREATE OR REPLACE FUNCTION procrastinate_defer_periodic_job(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job(
                _queue_name,
                _task_name,
                0,
                _lock,
                _queueing_lock,
                _args,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

DROP FUNCTION IF EXISTS procrastinate_fetch_job(character varying[]);
CREATE OR REPLACE FUNCTION procrastinate_fetch_job(
    target_queue_names character varying[]
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS earlier_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND earlier_jobs.lock = jobs.lock
                            AND earlier_jobs.status IN ('todo', 'doing')
                            AND earlier_jobs.id < jobs.id)
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing'
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$
--;
CREATE OR REPLACE FUNCTION procrastinate_defer_periodic_job(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _priority integer,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job(
                _queue_name,
                _task_name,
                _priority,
                _lock,
                _queueing_lock,
                _args,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$
--;
ALTER TYPE procrastinate_job_status ADD VALUE 'cancelled';
ALTER TYPE procrastinate_job_status ADD VALUE 'aborting';
ALTER TYPE procrastinate_job_status ADD VALUE 'aborted';

ALTER TYPE procrastinate_job_event_type ADD VALUE 'abort_requested' BEFORE 'scheduled';
ALTER TYPE procrastinate_job_event_type ADD VALUE 'aborted' BEFORE 'scheduled';

CREATE FUNCTION procrastinate_cancel_job(job_id bigint, abort boolean, delete_job boolean)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET status = CASE status
                WHEN 'todo' THEN 'cancelled'::procrastinate_job_status
                WHEN 'doing' THEN 'aborting'::procrastinate_job_status
            END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

CREATE OR REPLACE FUNCTION procrastinate_fetch_job(
    target_queue_names character varying[]
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS earlier_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND earlier_jobs.lock = jobs.lock
                            AND earlier_jobs.status IN ('todo', 'doing', 'aborting')
                            AND earlier_jobs.id < jobs.id)
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing'
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$;

CREATE OR REPLACE FUNCTION procrastinate_finish_job(job_id bigint, end_status procrastinate_job_status, delete_job boolean)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing', 'aborting')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            attempts =
                CASE
                    WHEN status = 'doing' THEN attempts + 1
                    ELSE attempts
                END
        WHERE id = job_id AND status IN ('todo', 'doing', 'aborting')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing", "todo" or "aborting" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION procrastinate_trigger_status_events_procedure_update()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborting'::procrastinate_job_status
                THEN 'abort_requested'::procrastinate_job_event_type
            WHEN (
                    OLD.status = 'doing'::procrastinate_job_status
                    OR OLD.status = 'aborting'::procrastinate_job_status
                )
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$
--;
CREATE OR REPLACE FUNCTION procrastinate_retry_job(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    UPDATE procrastinate_jobs
    SET status = 'todo',
        attempts = attempts + 1,
        scheduled_at = retry_at,
        priority = COALESCE(new_priority, priority),
        queue_name = COALESCE(new_queue_name, queue_name),
        lock = COALESCE(new_lock, lock)
    WHERE id = job_id AND status = 'doing'
    RETURNING id INTO _job_id;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$
--;
-- recreate procrastinate_jobs_id_lock_idx index by adding aborting status to the filter so that it can be used by the fetch job function
CREATE INDEX procrastinate_jobs_id_lock_idx_temp ON procrastinate_jobs (id, lock) WHERE status = ANY (ARRAY['todo'::procrastinate_job_status, 'doing'::procrastinate_job_status, 'aborting'::procrastinate_job_status]);
DROP INDEX procrastinate_jobs_id_lock_idx;
ALTER INDEX procrastinate_jobs_id_lock_idx_temp RENAME TO procrastinate_jobs_id_lock_idx;

-- add index to avoid seq scan of outer query in the fetch job function
CREATE INDEX procrastinate_jobs_priority_idx ON procrastinate_jobs(priority desc, id asc) WHERE (status = 'todo'::procrastinate_job_status)
--;
-- Note: starting with v3, there are 2 changes in the migration system:
-- - We now have pre- and post-migration scripts. pre-migrations are safe to
--   apply before upgrading the code. post-migrations are safe to apply after
--   upgrading he code.
--   This is a pre-migration script.
-- - Whenever we recreate an immutable object (function, trigger, indexes), we
--   will suffix its name with a version number.

-- Add an 'abort_requested' column to the procrastinate_jobs table
ALTER TABLE procrastinate_jobs ADD COLUMN abort_requested boolean DEFAULT false NOT NULL;

-- Set abort requested flag on all jobs with 'aborting' status
UPDATE procrastinate_jobs SET abort_requested = true WHERE status = 'aborting';

-- Add temporary triggers to sync the abort_requested flag with the status
-- so that blue-green deployments can work
CREATE OR REPLACE FUNCTION procrastinate_sync_abort_requested_with_status_temp()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.status = 'aborting' THEN
        NEW.abort_requested = true;
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_trigger_sync_abort_requested_with_status_temp
    BEFORE UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW
    EXECUTE FUNCTION procrastinate_sync_abort_requested_with_status_temp();

-- Create the new versioned functions

CREATE FUNCTION procrastinate_defer_job_v1(
    queue_name character varying,
    task_name character varying,
    priority integer,
    lock text,
    queueing_lock text,
    args jsonb,
    scheduled_at timestamp with time zone
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	job_id bigint;
BEGIN
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
    VALUES (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
    RETURNING id INTO job_id;

    RETURN job_id;
END;
$$;

CREATE FUNCTION procrastinate_defer_periodic_job_v1(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _priority integer,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN

    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = procrastinate_defer_job_v1(
                _queue_name,
                _task_name,
                _priority,
                _lock,
                _queueing_lock,
                _args,
                NULL
            )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

CREATE FUNCTION procrastinate_fetch_job_v1(
    target_queue_names character varying[]
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS earlier_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND earlier_jobs.lock = jobs.lock
                            AND earlier_jobs.status IN ('todo', 'doing')
                            AND earlier_jobs.id < jobs.id)
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing'
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$;

CREATE FUNCTION procrastinate_finish_job_v1(job_id bigint, end_status procrastinate_job_status, delete_job boolean)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

-- The retry_job function now has specific behaviour when a job is set to be
-- retried while it's aborting: in that case it's marked as failed.
CREATE FUNCTION procrastinate_retry_job_v1(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;

-- Create new versioned trigger functions and triggers

CREATE FUNCTION procrastinate_notify_queue_job_inserted_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_temp
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();

CREATE FUNCTION procrastinate_notify_queue_abort_job_v1()
RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_temp
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((old.abort_requested = false AND new.abort_requested = true AND new.status = 'doing'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_abort_job_v1()
--;
-- These are old versions of functions, that we needed to keep around for
-- backwards compatibility. We can now safely drop them.
DROP FUNCTION IF EXISTS procrastinate_finish_job(
    integer,
    procrastinate_job_status,
    timestamp with time zone,
    boolean
);
DROP FUNCTION IF EXISTS procrastinate_defer_job(
    character varying,
    character varying,
    text,
    text,
    jsonb,
    timestamp with time zone
);
DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job(
    character varying,
    character varying,
    character varying,
    character varying,
    character varying,
    bigint,
    jsonb
);
DROP FUNCTION IF EXISTS procrastinate_retry_job(
    bigint,
    timestamp with time zone
);
DROP FUNCTION IF EXISTS procrastinate_retry_job(
    bigint,
    timestamp with time zone,
    integer,
    character varying,
    character varying
);

-- Remove all traces of the "aborting" status
-- Last sanity update in case the trigger didn't work 100% of the time
UPDATE procrastinate_jobs SET abort_requested = true WHERE status = 'aborting';

-- Delete the indexes that depend on the old status and enum type
DROP INDEX IF EXISTS procrastinate_jobs_queueing_lock_idx;
DROP INDEX IF EXISTS procrastinate_jobs_lock_idx;
DROP INDEX IF EXISTS procrastinate_jobs_id_lock_idx;

-- Delete the unversioned triggers
DROP TRIGGER IF EXISTS procrastinate_trigger_status_events_update ON procrastinate_jobs;
DROP TRIGGER IF EXISTS procrastinate_trigger_status_events_insert ON procrastinate_jobs;
DROP TRIGGER IF EXISTS procrastinate_trigger_scheduled_events ON procrastinate_jobs;
DROP TRIGGER IF EXISTS procrastinate_trigger_status_events_update ON procrastinate_jobs;
DROP TRIGGER IF EXISTS procrastinate_jobs_notify_queue ON procrastinate_jobs;

-- Delete the unversioned functions
DROP FUNCTION IF EXISTS procrastinate_defer_job;
DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job;
DROP FUNCTION IF EXISTS procrastinate_fetch_job;
DROP FUNCTION IF EXISTS procrastinate_finish_job(bigint, procrastinate_job_status, boolean);
DROP FUNCTION IF EXISTS procrastinate_cancel_job;
DROP FUNCTION IF EXISTS procrastinate_trigger_status_events_procedure_update;
DROP FUNCTION IF EXISTS procrastinate_finish_job(integer, procrastinate_job_status, timestamp with time zone, boolean);
DROP FUNCTION IF EXISTS procrastinate_notify_queue;

-- Delete the functions that depend on the old event type
DROP FUNCTION IF EXISTS procrastinate_trigger_status_events_procedure_insert;
DROP FUNCTION IF EXISTS procrastinate_trigger_scheduled_events_procedure;

-- Delete temporary triggers and functions
DROP TRIGGER IF EXISTS procrastinate_jobs_notify_queue_job_inserted_temp ON procrastinate_jobs;
DROP TRIGGER IF EXISTS procrastinate_jobs_notify_queue_job_aborted_temp ON procrastinate_jobs;
DROP TRIGGER IF EXISTS procrastinate_trigger_sync_abort_requested_with_status_temp ON procrastinate_jobs;
DROP FUNCTION IF EXISTS procrastinate_sync_abort_requested_with_status_temp;

-- Alter the table to not use the 'aborting' status anymore
ALTER TABLE procrastinate_jobs
ALTER COLUMN status TYPE procrastinate_job_status
USING (
    CASE status::text
        WHEN 'aborting' THEN 'doing'::procrastinate_job_status
        ELSE status::procrastinate_job_status
    END
);

-- Recreate the dropped temporary triggers
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((old.abort_requested = false AND new.abort_requested = true AND new.status = 'doing'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_notify_queue_abort_job_v1();

-- Recreate the dropped indexes (with version suffix)
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON procrastinate_jobs (queueing_lock) WHERE status = 'todo';
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON procrastinate_jobs (lock) WHERE status = 'doing';
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON procrastinate_jobs (id, lock) WHERE status = ANY (ARRAY['todo'::procrastinate_job_status, 'doing'::procrastinate_job_status]);

-- Rename existing indexes
ALTER INDEX procrastinate_jobs_queue_name_idx RENAME TO procrastinate_jobs_queue_name_idx_v1;
ALTER INDEX procrastinate_events_job_id_fkey  RENAME TO procrastinate_events_job_id_fkey_v1;
ALTER INDEX procrastinate_periodic_defers_job_id_fkey RENAME TO procrastinate_periodic_defers_job_id_fkey_v1;
ALTER INDEX procrastinate_jobs_priority_idx RENAME TO procrastinate_jobs_priority_idx_v1;

-- Recreate or rename the other triggers & their associated functions

CREATE FUNCTION procrastinate_trigger_function_status_events_insert_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_trigger_status_events_insert_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_insert_v1();

CREATE FUNCTION procrastinate_trigger_function_status_events_update_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_trigger_status_events_update_v1
    AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_update_v1();

CREATE FUNCTION procrastinate_trigger_function_scheduled_events_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_trigger_scheduled_events_v1
    AFTER UPDATE OR INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.scheduled_at IS NOT NULL AND new.status = 'todo'::procrastinate_job_status))
    EXECUTE PROCEDURE procrastinate_trigger_function_scheduled_events_v1();

CREATE FUNCTION procrastinate_trigger_abort_requested_events_procedure_v1()
    RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;

CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1
    AFTER UPDATE OF abort_requested ON procrastinate_jobs
    FOR EACH ROW WHEN ((new.abort_requested = true))
    EXECUTE PROCEDURE procrastinate_trigger_abort_requested_events_procedure_v1();

-- Rename remaining functions to use version suffix
ALTER FUNCTION procrastinate_unlink_periodic_defers RENAME TO procrastinate_unlink_periodic_defers_v1;
ALTER TRIGGER procrastinate_trigger_delete_jobs ON procrastinate_jobs RENAME TO procrastinate_trigger_delete_jobs_v1;

-- New constraints
ALTER TABLE procrastinate_jobs ADD CONSTRAINT check_not_todo_abort_requested CHECK (NOT (status = 'todo' AND abort_requested = true))
--;
CREATE TABLE procrastinate_workers(
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    last_heartbeat timestamp with time zone NOT NULL DEFAULT NOW()
);

ALTER TABLE procrastinate_jobs ADD COLUMN worker_id bigint REFERENCES procrastinate_workers(id) ON DELETE SET NULL;

CREATE INDEX idx_procrastinate_jobs_worker_not_null ON procrastinate_jobs(worker_id) WHERE worker_id IS NOT NULL AND status = 'doing'::procrastinate_job_status;

CREATE INDEX idx_procrastinate_workers_last_heartbeat ON procrastinate_workers(last_heartbeat);

CREATE FUNCTION procrastinate_fetch_job_v2(
    target_queue_names character varying[],
    p_worker_id bigint
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS earlier_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND earlier_jobs.lock = jobs.lock
                            AND earlier_jobs.status IN ('todo', 'doing')
                            AND earlier_jobs.id < jobs.id)
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

	RETURN found_jobs;
END;
$$;

CREATE FUNCTION procrastinate_register_worker_v1()
    RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION procrastinate_unregister_worker_v1(worker_id bigint)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION procrastinate_update_heartbeat_v1(worker_id bigint)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat float)
    RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$
--;
DROP FUNCTION IF EXISTS procrastinate_fetch_job_v1(character varying[])
--;
CREATE TYPE procrastinate_job_to_defer_v1 AS (
    queue_name character varying,
    task_name character varying,
    priority integer,
    lock text,
    queueing_lock text,
    args jsonb,
    scheduled_at timestamp with time zone
);

CREATE FUNCTION procrastinate_defer_jobs_v1(
    jobs procrastinate_job_to_defer_v1[]
)
    RETURNS bigint[]
    LANGUAGE plpgsql
AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;

CREATE FUNCTION procrastinate_defer_periodic_job_v2(
    _queue_name character varying,
    _lock character varying,
    _queueing_lock character varying,
    _task_name character varying,
    _priority integer,
    _periodic_id character varying,
    _defer_timestamp bigint,
    _args jsonb
)
    RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$
--;
DROP FUNCTION IF EXISTS procrastinate_defer_job_v1;
DROP FUNCTION IF EXISTS procrastinate_defer_periodic_job_v1
--;
-- Migration: Update procrastinate_fetch_job_v2 to consider priority before job id for locked jobs
DROP FUNCTION IF EXISTS procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint);

CREATE FUNCTION procrastinate_fetch_job_v2(
    target_queue_names character varying[],
    p_worker_id bigint
)
    RETURNS procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$
--;
-- Append new event type to reflect transition from failed -> todo
ALTER TYPE procrastinate_job_event_type ADD VALUE 'retried' AFTER 'scheduled';

-- Procedure to retry failed jobs
CREATE FUNCTION procrastinate_retry_job_v2(
    job_id bigint,
    retry_at timestamp with time zone,
    new_priority integer,
    new_queue_name character varying,
    new_lock character varying
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$
--;
DROP TRIGGER IF EXISTS procrastinate_trigger_status_events_update_v1 ON procrastinate_jobs;
DROP FUNCTION IF EXISTS procrastinate_trigger_function_status_events_update_v1;

CREATE FUNCTION procrastinate_trigger_function_status_events_update_v1()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$function$;

CREATE TRIGGER procrastinate_trigger_status_events_update_v1
    AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW
    EXECUTE PROCEDURE procrastinate_trigger_function_status_events_update_v1()
--;
CREATE TABLE "quality_assessment" ("id" uuid NOT NULL PRIMARY KEY, "case" text NOT NULL, "case_hash" text NOT NULL, "verdict" text NOT NULL, "overall" text NOT NULL, "assessed_on" date NOT NULL, "assessed_at" timestamp with time zone NOT NULL, "assessed_by_name" text NOT NULL, "assessed_by_id" uuid NOT NULL, "batch_id" uuid NOT NULL)
--;
CREATE TABLE "quality_declareddose" ("id" uuid NOT NULL PRIMARY KEY, "total_cells" numeric(20, 0) NOT NULL, "amount" numeric(24, 6) NOT NULL, "unit" text NOT NULL, "ordered_amount" numeric(20, 4) NOT NULL, "weight_kg" numeric(6, 2) NOT NULL, "weight_measured_at" timestamp with time zone NOT NULL, "bags" jsonb NOT NULL, "declared_at" timestamp with time zone NOT NULL, "declared_by_name" text NOT NULL, "batch_id" uuid NOT NULL, "declared_by_id" uuid NOT NULL, "order_id" uuid NOT NULL, "result_id" uuid NOT NULL)
--;
CREATE TABLE "quality_deviation" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "source" text NOT NULL UNIQUE, "subject" text NOT NULL, "description" text NOT NULL, "severity" text NOT NULL, "blocks_release" boolean NOT NULL, "involved" jsonb NOT NULL, "state" text NOT NULL, "opened_at" timestamp with time zone NOT NULL, "opened_by_name" text NOT NULL, "classified_at" timestamp with time zone NULL, "root_cause" text NOT NULL, "impact" text NOT NULL, "correction" text NOT NULL, "investigated_at" timestamp with time zone NULL, "closing_reason" text NOT NULL, "closed_at" timestamp with time zone NULL, "closed_by_name" text NOT NULL, "batch_id" uuid NULL, "classified_by_id" uuid NULL, "closed_by_id" uuid NULL, "coi_id" uuid NULL, "hold_id" uuid NULL, "investigated_by_id" uuid NULL, "order_id" uuid NULL)
--;
CREATE TABLE "quality_disposition" ("id" uuid NOT NULL PRIMARY KEY, "decision" text NOT NULL, "final" boolean NOT NULL, "market" text NOT NULL, "route" text NOT NULL, "release_rule" text NOT NULL, "release_type" text NOT NULL, "open_tests" jsonb NOT NULL, "authorisation_reference" text NOT NULL, "gates" jsonb NOT NULL, "reason" text NOT NULL, "certificate_number" text NOT NULL, "dose_report_number" text NOT NULL, "rfi_number" text NOT NULL, "merkle_root" text NOT NULL, "sealed_at" timestamp with time zone NULL, "decided_at" timestamp with time zone NOT NULL, "decided_by_name" text NOT NULL, "delegated_from" text NOT NULL, "assessment_id" uuid NULL, "batch_id" uuid NOT NULL, "decided_by_id" uuid NOT NULL, "dose_id" uuid NULL, "order_id" uuid NOT NULL)
--;
CREATE TABLE "quality_environmentrecord" ("id" uuid NOT NULL PRIMARY KEY, "began_at" timestamp with time zone NOT NULL, "ended_at" timestamp with time zone NOT NULL, "verdict" text NOT NULL, "reference" text NOT NULL, "comment" text NOT NULL, "recorded_at" timestamp with time zone NOT NULL, "recorded_by_name" text NOT NULL, "batch_id" uuid NOT NULL, "recorded_by_id" uuid NOT NULL, "room_id" uuid NOT NULL)
--;
ALTER TABLE "quality_declareddose" ADD CONSTRAINT "quality_dose_positive" CHECK (("total_cells" > 0 AND "amount" > 0 AND "weight_kg" > 0))
--;
CREATE INDEX "quality_deviation_batch" ON "quality_deviation" ("batch_id", "state")
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_state" CHECK ("state" IN ('open', 'investigated', 'closed'))
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_severity" CHECK ("severity" IN ('unclassified', 'minor', 'major', 'critical'))
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_closed_properly" CHECK ((NOT ("state" = 'closed') OR ("closed_by_id" IS NOT NULL AND NOT ("severity" = 'unclassified') AND NOT ("root_cause" = ''))))
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_only_minor_does_not_block" CHECK (("blocks_release" OR "severity" = 'minor'))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_once" UNIQUE ("batch_id", "decision")
--;
CREATE UNIQUE INDEX "quality_disposition_one_final" ON "quality_disposition" ("batch_id") WHERE "final"
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_decision" CHECK ("decision" IN ('release_by_manufacturer', 'release_by_mah', 'release_by_sponsor', 'reject'))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_release_rests_on_evidence" CHECK (("decision" = 'reject' OR ("assessment_id" IS NOT NULL AND "dose_id" IS NOT NULL)))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_release_has_rfi" CHECK ((NOT ("final") OR "decision" = 'reject' OR NOT ("rfi_number" = '')))
--;
ALTER TABLE "quality_environmentrecord" ADD CONSTRAINT "quality_environment_verdict" CHECK ("verdict" IN ('within', 'alert', 'action'))
--;
ALTER TABLE "quality_environmentrecord" ADD CONSTRAINT "quality_environment_window" CHECK ("began_at" < ("ended_at"))
--;
ALTER TABLE "quality_assessment" ADD CONSTRAINT "quality_assessment_assessed_by_id_1bc08680_fk_people_account_id" FOREIGN KEY ("assessed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_assessment" ADD CONSTRAINT "quality_assessment_batch_id_f9f6206d_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "quality_assessment_assessed_by_id_1bc08680" ON "quality_assessment" ("assessed_by_id")
--;
CREATE INDEX "quality_assessment_batch_id_f9f6206d" ON "quality_assessment" ("batch_id")
--;
ALTER TABLE "quality_declareddose" ADD CONSTRAINT "quality_declareddose_batch_id_998e2ec9_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_declareddose" ADD CONSTRAINT "quality_declareddose_declared_by_id_8102314d_fk_people_ac" FOREIGN KEY ("declared_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_declareddose" ADD CONSTRAINT "quality_declareddose_order_id_f6a0c523_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_declareddose" ADD CONSTRAINT "quality_declareddose_result_id_b26c5c2a_fk_laboratory_result_id" FOREIGN KEY ("result_id") REFERENCES "laboratory_result" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "quality_declareddose_batch_id_998e2ec9" ON "quality_declareddose" ("batch_id")
--;
CREATE INDEX "quality_declareddose_declared_by_id_8102314d" ON "quality_declareddose" ("declared_by_id")
--;
CREATE INDEX "quality_declareddose_order_id_f6a0c523" ON "quality_declareddose" ("order_id")
--;
CREATE INDEX "quality_declareddose_result_id_b26c5c2a" ON "quality_declareddose" ("result_id")
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_batch_id_625066da_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_classified_by_id_683b3409_fk_people_ac" FOREIGN KEY ("classified_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_closed_by_id_396114d4_fk_people_account_id" FOREIGN KEY ("closed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_coi_id_fd0d5349_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_hold_id_47063edd_fk_manufacturing_hold_id" FOREIGN KEY ("hold_id") REFERENCES "manufacturing_hold" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_investigated_by_id_f2294f0d_fk_people_ac" FOREIGN KEY ("investigated_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_deviation" ADD CONSTRAINT "quality_deviation_order_id_dc1a9e68_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "quality_deviation_code_657d1f30_like" ON "quality_deviation" ("code" text_pattern_ops)
--;
CREATE INDEX "quality_deviation_source_ee132cc1_like" ON "quality_deviation" ("source" text_pattern_ops)
--;
CREATE INDEX "quality_deviation_batch_id_625066da" ON "quality_deviation" ("batch_id")
--;
CREATE INDEX "quality_deviation_classified_by_id_683b3409" ON "quality_deviation" ("classified_by_id")
--;
CREATE INDEX "quality_deviation_closed_by_id_396114d4" ON "quality_deviation" ("closed_by_id")
--;
CREATE INDEX "quality_deviation_coi_id_fd0d5349" ON "quality_deviation" ("coi_id")
--;
CREATE INDEX "quality_deviation_hold_id_47063edd" ON "quality_deviation" ("hold_id")
--;
CREATE INDEX "quality_deviation_investigated_by_id_f2294f0d" ON "quality_deviation" ("investigated_by_id")
--;
CREATE INDEX "quality_deviation_order_id_dc1a9e68" ON "quality_deviation" ("order_id")
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_assessment_id_b07398dd_fk_quality_a" FOREIGN KEY ("assessment_id") REFERENCES "quality_assessment" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_batch_id_7efe677d_fk_manufacturing_batch_id" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_decided_by_id_f5797c55_fk_people_account_id" FOREIGN KEY ("decided_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_dose_id_1e2c94c1_fk_quality_declareddose_id" FOREIGN KEY ("dose_id") REFERENCES "quality_declareddose" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_order_id_7999fd91_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "quality_disposition_assessment_id_b07398dd" ON "quality_disposition" ("assessment_id")
--;
CREATE INDEX "quality_disposition_batch_id_7efe677d" ON "quality_disposition" ("batch_id")
--;
CREATE INDEX "quality_disposition_decided_by_id_f5797c55" ON "quality_disposition" ("decided_by_id")
--;
CREATE INDEX "quality_disposition_dose_id_1e2c94c1" ON "quality_disposition" ("dose_id")
--;
CREATE INDEX "quality_disposition_order_id_7999fd91" ON "quality_disposition" ("order_id")
--;
ALTER TABLE "quality_environmentrecord" ADD CONSTRAINT "quality_environmentr_batch_id_4a8c400c_fk_manufactu" FOREIGN KEY ("batch_id") REFERENCES "manufacturing_batch" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_environmentrecord" ADD CONSTRAINT "quality_environmentr_recorded_by_id_969beabb_fk_people_ac" FOREIGN KEY ("recorded_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_environmentrecord" ADD CONSTRAINT "quality_environmentrecord_room_id_49a2bf16_fk_network_room_id" FOREIGN KEY ("room_id") REFERENCES "network_room" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "quality_environmentrecord_batch_id_4a8c400c" ON "quality_environmentrecord" ("batch_id")
--;
CREATE INDEX "quality_environmentrecord_recorded_by_id_969beabb" ON "quality_environmentrecord" ("recorded_by_id")
--;
CREATE INDEX "quality_environmentrecord_room_id_49a2bf16" ON "quality_environmentrecord" ("room_id")
--;
CREATE TABLE "quality_alert" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "test_code" text NOT NULL, "finding" text NOT NULL, "limit" text NOT NULL, "moment" text NOT NULL, "state" text NOT NULL, "raised_at" timestamp with time zone NOT NULL, "acknowledge_by_at" timestamp with time zone NOT NULL, "level" integer NOT NULL, "escalated_at" timestamp with time zone NULL, "acknowledged_at" timestamp with time zone NULL, "acknowledged_by_name" text NOT NULL, "treatment" text NOT NULL, "reported_at" timestamp with time zone NULL, "reported_by_name" text NOT NULL, "report_reference" text NOT NULL, "held_containers" jsonb NOT NULL, "product_decision" text NOT NULL, "product_decided_at" timestamp with time zone NULL, "closed_at" timestamp with time zone NULL, "closing_reason" text NOT NULL)
--;
CREATE TABLE "quality_exceptionalrequest" ("id" uuid NOT NULL PRIMARY KEY, "code" text NOT NULL UNIQUE, "release_rule" text NOT NULL, "case_hash" text NOT NULL, "failed" jsonb NOT NULL, "statement_en" text NOT NULL, "statement_zh" text NOT NULL, "state" text NOT NULL, "reason" text NOT NULL, "alternatives" text NOT NULL, "consent_reference" text NOT NULL, "consent_signed_on" date NOT NULL, "requested_at" timestamp with time zone NOT NULL, "requested_by_name" text NOT NULL, "medical_assessment" text NOT NULL, "supported_at" timestamp with time zone NULL, "supported_by_name" text NOT NULL, "risk_evaluation" text NOT NULL, "evaluated_at" timestamp with time zone NULL, "evaluated_by_name" text NOT NULL, "declined_at" timestamp with time zone NULL, "declined_by_name" text NOT NULL, "declined_reason" text NOT NULL)
--;
CREATE TABLE "quality_obligation" ("id" uuid NOT NULL PRIMARY KEY, "source" text NOT NULL UNIQUE, "code" text NOT NULL, "trigger" text NOT NULL, "text_en" text NOT NULL, "text_zh" text NOT NULL, "role" text NOT NULL, "state" text NOT NULL, "opened_at" timestamp with time zone NOT NULL, "due_at" timestamp with time zone NOT NULL, "fulfilled_at" timestamp with time zone NULL, "fulfilled_by_name" text NOT NULL, "reference" text NOT NULL)
--;
ALTER TABLE "quality_disposition" DROP CONSTRAINT "quality_disposition_decision"
--;
ALTER TABLE "quality_alert" ADD COLUMN "acknowledged_by_id" uuid NULL CONSTRAINT "quality_alert_acknowledged_by_id_55315499_fk_people_account_id" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_acknowledged_by_id_55315499_fk_people_account_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "batch_id" uuid NOT NULL CONSTRAINT "quality_alert_batch_id_1736c0c6_fk_manufacturing_batch_id" REFERENCES "manufacturing_batch"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_batch_id_1736c0c6_fk_manufacturing_batch_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "closed_by_id" uuid NULL CONSTRAINT "quality_alert_closed_by_id_ed222752_fk_people_account_id" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_closed_by_id_ed222752_fk_people_account_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "coi_id" uuid NOT NULL CONSTRAINT "quality_alert_coi_id_2619ca16_fk_identity_chain_id" REFERENCES "identity_chain"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_coi_id_2619ca16_fk_identity_chain_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "hospital_id" uuid NOT NULL CONSTRAINT "quality_alert_hospital_id_4c12cfc6_fk_network_site_id" REFERENCES "network_site"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_hospital_id_4c12cfc6_fk_network_site_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "order_id" uuid NOT NULL CONSTRAINT "quality_alert_order_id_ce099a17_fk_orders_order_id" REFERENCES "orders_order"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_order_id_ce099a17_fk_orders_order_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "product_decided_by_id" uuid NULL CONSTRAINT "quality_alert_product_decided_by_i_2e0fc7e0_fk_people_ac" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_product_decided_by_i_2e0fc7e0_fk_people_ac" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "reported_by_id" uuid NULL CONSTRAINT "quality_alert_reported_by_id_9866e557_fk_people_account_id" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_reported_by_id_9866e557_fk_people_account_id" IMMEDIATE
--;
ALTER TABLE "quality_alert" ADD COLUMN "result_id" uuid NOT NULL UNIQUE CONSTRAINT "quality_alert_result_id_228d60c4_fk_laboratory_result_id" REFERENCES "laboratory_result"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_alert_result_id_228d60c4_fk_laboratory_result_id" IMMEDIATE
--;
ALTER TABLE "quality_exceptionalrequest" ADD COLUMN "batch_id" uuid NOT NULL CONSTRAINT "quality_exceptionalr_batch_id_505e4db8_fk_manufactu" REFERENCES "manufacturing_batch"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_exceptionalr_batch_id_505e4db8_fk_manufactu" IMMEDIATE
--;
ALTER TABLE "quality_exceptionalrequest" ADD COLUMN "declined_by_id" uuid NULL CONSTRAINT "quality_exceptionalr_declined_by_id_4a76a120_fk_people_ac" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_exceptionalr_declined_by_id_4a76a120_fk_people_ac" IMMEDIATE
--;
ALTER TABLE "quality_exceptionalrequest" ADD COLUMN "evaluated_by_id" uuid NULL CONSTRAINT "quality_exceptionalr_evaluated_by_id_7f98e4e4_fk_people_ac" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_exceptionalr_evaluated_by_id_7f98e4e4_fk_people_ac" IMMEDIATE
--;
ALTER TABLE "quality_exceptionalrequest" ADD COLUMN "order_id" uuid NOT NULL CONSTRAINT "quality_exceptionalrequest_order_id_e8270e4c_fk_orders_order_id" REFERENCES "orders_order"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_exceptionalrequest_order_id_e8270e4c_fk_orders_order_id" IMMEDIATE
--;
ALTER TABLE "quality_exceptionalrequest" ADD COLUMN "requested_by_id" uuid NOT NULL CONSTRAINT "quality_exceptionalr_requested_by_id_449e54f3_fk_people_ac" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_exceptionalr_requested_by_id_449e54f3_fk_people_ac" IMMEDIATE
--;
ALTER TABLE "quality_exceptionalrequest" ADD COLUMN "supported_by_id" uuid NULL CONSTRAINT "quality_exceptionalr_supported_by_id_c128230a_fk_people_ac" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_exceptionalr_supported_by_id_c128230a_fk_people_ac" IMMEDIATE
--;
ALTER TABLE "quality_disposition" ADD COLUMN "request_id" uuid NULL CONSTRAINT "quality_disposition_request_id_e830c619_fk_quality_e" REFERENCES "quality_exceptionalrequest"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_disposition_request_id_e830c619_fk_quality_e" IMMEDIATE
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_decision" CHECK ("decision" IN ('release_by_manufacturer', 'release_by_mah', 'release_by_sponsor', 'exceptional_release_by_manufacturer', 'exceptional_release_by_mah', 'complete_second_stage', 'reject'))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_exceptional_was_requested" CHECK ((NOT ("decision"::text LIKE  E'exceptional\\_%') OR "request_id" IS NOT NULL))
--;
ALTER TABLE "quality_obligation" ADD COLUMN "batch_id" uuid NOT NULL CONSTRAINT "quality_obligation_batch_id_fd32824c_fk_manufacturing_batch_id" REFERENCES "manufacturing_batch"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_obligation_batch_id_fd32824c_fk_manufacturing_batch_id" IMMEDIATE
--;
ALTER TABLE "quality_obligation" ADD COLUMN "fulfilled_by_id" uuid NULL CONSTRAINT "quality_obligation_fulfilled_by_id_a39c5ae7_fk_people_ac" REFERENCES "people_account"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_obligation_fulfilled_by_id_a39c5ae7_fk_people_ac" IMMEDIATE
--;
ALTER TABLE "quality_obligation" ADD COLUMN "order_id" uuid NOT NULL CONSTRAINT "quality_obligation_order_id_284bc7e0_fk_orders_order_id" REFERENCES "orders_order"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "quality_obligation_order_id_284bc7e0_fk_orders_order_id" IMMEDIATE
--;
CREATE INDEX "quality_alert_due" ON "quality_alert" ("state", "acknowledge_by_at")
--;
ALTER TABLE "quality_alert" ADD CONSTRAINT "quality_alert_state" CHECK ("state" IN ('raised', 'acknowledged', 'reported', 'closed'))
--;
ALTER TABLE "quality_alert" ADD CONSTRAINT "quality_alert_moment" CHECK ("moment" IN ('before_infusion', 'after_infusion'))
--;
ALTER TABLE "quality_alert" ADD CONSTRAINT "quality_alert_reached_the_physician" CHECK (("state" = 'raised' OR ("acknowledged_by_id" IS NOT NULL AND "acknowledged_at" IS NOT NULL AND NOT ("treatment" = ''))))
--;
ALTER TABLE "quality_alert" ADD CONSTRAINT "quality_alert_reported" CHECK (("state" IN ('raised', 'acknowledged') OR ("reported_by_id" IS NOT NULL AND NOT ("report_reference" = ''))))
--;
ALTER TABLE "quality_alert" ADD CONSTRAINT "quality_alert_product_decided" CHECK ((NOT ("state" = 'closed') OR NOT ("moment" = 'before_infusion') OR NOT ("product_decision" = '')))
--;
ALTER TABLE "quality_exceptionalrequest" ADD CONSTRAINT "quality_request_state" CHECK ("state" IN ('requested', 'supported', 'evaluated', 'declined'))
--;
CREATE UNIQUE INDEX "quality_request_one_stands" ON "quality_exceptionalrequest" ("batch_id") WHERE NOT ("state" = 'declined')
--;
ALTER TABLE "quality_exceptionalrequest" ADD CONSTRAINT "quality_request_second_physician" CHECK (("supported_by_id" IS NULL OR NOT ("supported_by_id" = ("requested_by_id") AND "supported_by_id" IS NOT NULL)))
--;
ALTER TABLE "quality_exceptionalrequest" ADD CONSTRAINT "quality_request_supported" CHECK (("state" IN ('requested', 'declined') OR ("supported_by_id" IS NOT NULL AND NOT ("medical_assessment" = ''))))
--;
ALTER TABLE "quality_exceptionalrequest" ADD CONSTRAINT "quality_request_evaluated" CHECK ((NOT ("state" = 'evaluated') OR ("evaluated_by_id" IS NOT NULL AND NOT ("risk_evaluation" = ''))))
--;
ALTER TABLE "quality_obligation" ADD CONSTRAINT "quality_obligation_fulfilled" CHECK (("state" = 'open' OR ("fulfilled_by_id" IS NOT NULL AND NOT ("reference" = ''))))
--;
ALTER TABLE "quality_obligation" ADD CONSTRAINT "quality_obligation_state" CHECK ("state" IN ('open', 'fulfilled'))
--;
CREATE INDEX "quality_alert_code_b8b185eb_like" ON "quality_alert" ("code" text_pattern_ops)
--;
CREATE INDEX "quality_exceptionalrequest_code_1a03237e_like" ON "quality_exceptionalrequest" ("code" text_pattern_ops)
--;
CREATE INDEX "quality_obligation_source_d0a2c38a_like" ON "quality_obligation" ("source" text_pattern_ops)
--;
CREATE INDEX "quality_alert_acknowledged_by_id_55315499" ON "quality_alert" ("acknowledged_by_id")
--;
CREATE INDEX "quality_alert_batch_id_1736c0c6" ON "quality_alert" ("batch_id")
--;
CREATE INDEX "quality_alert_closed_by_id_ed222752" ON "quality_alert" ("closed_by_id")
--;
CREATE INDEX "quality_alert_coi_id_2619ca16" ON "quality_alert" ("coi_id")
--;
CREATE INDEX "quality_alert_hospital_id_4c12cfc6" ON "quality_alert" ("hospital_id")
--;
CREATE INDEX "quality_alert_order_id_ce099a17" ON "quality_alert" ("order_id")
--;
CREATE INDEX "quality_alert_product_decided_by_id_2e0fc7e0" ON "quality_alert" ("product_decided_by_id")
--;
CREATE INDEX "quality_alert_reported_by_id_9866e557" ON "quality_alert" ("reported_by_id")
--;
CREATE INDEX "quality_exceptionalrequest_batch_id_505e4db8" ON "quality_exceptionalrequest" ("batch_id")
--;
CREATE INDEX "quality_exceptionalrequest_declined_by_id_4a76a120" ON "quality_exceptionalrequest" ("declined_by_id")
--;
CREATE INDEX "quality_exceptionalrequest_evaluated_by_id_7f98e4e4" ON "quality_exceptionalrequest" ("evaluated_by_id")
--;
CREATE INDEX "quality_exceptionalrequest_order_id_e8270e4c" ON "quality_exceptionalrequest" ("order_id")
--;
CREATE INDEX "quality_exceptionalrequest_requested_by_id_449e54f3" ON "quality_exceptionalrequest" ("requested_by_id")
--;
CREATE INDEX "quality_exceptionalrequest_supported_by_id_c128230a" ON "quality_exceptionalrequest" ("supported_by_id")
--;
CREATE INDEX "quality_disposition_request_id_e830c619" ON "quality_disposition" ("request_id")
--;
CREATE INDEX "quality_obligation_batch_id_fd32824c" ON "quality_obligation" ("batch_id")
--;
CREATE INDEX "quality_obligation_fulfilled_by_id_a39c5ae7" ON "quality_obligation" ("fulfilled_by_id")
--;
CREATE INDEX "quality_obligation_order_id_284bc7e0" ON "quality_obligation" ("order_id")
--;
ALTER TABLE "quality_declareddose" ADD CONSTRAINT "quality_dose_adds_up" CHECK (ABS((CASE WHEN ("unit" = 'cell/kg') THEN ("amount" * "weight_kg") ELSE "amount" END - "total_cells")) <= ("total_cells" * 0.00001))
--;
ALTER TABLE "quality_disposition" DROP CONSTRAINT "quality_disposition_once"
--;
ALTER TABLE "quality_disposition" DROP CONSTRAINT "quality_release_rests_on_evidence"
--;
ALTER TABLE "quality_disposition" DROP CONSTRAINT "quality_disposition_decision"
--;
CREATE UNIQUE INDEX "quality_disposition_once" ON "quality_disposition" ("batch_id", "decision") WHERE NOT ("decision" IN ('release_reserve', 'reject_reserve'))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_disposition_decision" CHECK ("decision" IN ('release_by_manufacturer', 'release_by_mah', 'release_by_sponsor', 'exceptional_release_by_manufacturer', 'exceptional_release_by_mah', 'complete_second_stage', 'release_reserve', 'reject_reserve', 'reject'))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_reserve_has_rfi" CHECK ((NOT ("decision" = 'release_reserve') OR NOT ("rfi_number" = '')))
--;
ALTER TABLE "quality_disposition" ADD CONSTRAINT "quality_release_rests_on_evidence" CHECK (("decision" IN ('reject', 'reject_reserve') OR ("assessment_id" IS NOT NULL AND "dose_id" IS NOT NULL)))
--;
CREATE TABLE "quality_auditreview" ("id" uuid NOT NULL PRIMARY KEY, "since_at" timestamp with time zone NOT NULL, "until_at" timestamp with time zone NOT NULL, "what" text NOT NULL, "subject" text NOT NULL, "entries" integer NOT NULL, "digest" text NOT NULL, "root" text NOT NULL, "conclusion" text NOT NULL, "comment" text NOT NULL, "reviewed_at" timestamp with time zone NOT NULL, "reviewed_by_name" text NOT NULL, "account_id" uuid NULL, "reviewed_by_id" uuid NOT NULL, CONSTRAINT "quality_audit_conclusion" CHECK ("conclusion" IN ('nothing_found', 'findings')), CONSTRAINT "quality_audit_span" CHECK (("until_at" > ("since_at") AND "until_at" <= ("reviewed_at"))), CONSTRAINT "quality_audit_of_something" CHECK ("entries" > 0), CONSTRAINT "quality_audit_not_own" CHECK (("account_id" IS NULL OR NOT ("account_id" = ("reviewed_by_id") AND "account_id" IS NOT NULL))), CONSTRAINT "quality_audit_findings_told" CHECK ((NOT ("conclusion" = 'findings') OR NOT ("comment" = ''))))
--;
ALTER TABLE "quality_auditreview" ADD CONSTRAINT "quality_auditreview_account_id_8001ff1e_fk_people_account_id" FOREIGN KEY ("account_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "quality_auditreview" ADD CONSTRAINT "quality_auditreview_reviewed_by_id_aadaf912_fk_people_ac" FOREIGN KEY ("reviewed_by_id") REFERENCES "people_account" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "quality_auditreview_account_id_8001ff1e" ON "quality_auditreview" ("account_id")
--;
CREATE INDEX "quality_auditreview_reviewed_by_id_aadaf912" ON "quality_auditreview" ("reviewed_by_id")
--;
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" timestamp with time zone NOT NULL)
--;
CREATE INDEX "django_session_session_key_c0390e0f_like" ON "django_session" ("session_key" varchar_pattern_ops)
--;
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date")
--;
CREATE TABLE "tracing_link" ("id" bigint NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, "coi" uuid NOT NULL, "kind" text NOT NULL, "subject" uuid NOT NULL, CONSTRAINT "tracing_link_once" UNIQUE ("kind", "subject", "coi"))
--;
CREATE TABLE "tracing_recallnotice" ("id" uuid NOT NULL PRIMARY KEY, "batch_number" text NOT NULL, "standing" text NOT NULL, "reason" text NOT NULL, "opened_at" timestamp with time zone NOT NULL, "state" text NOT NULL, "acknowledged_at" timestamp with time zone NULL, "acknowledged_by" uuid NULL, "acknowledged_by_name" text NOT NULL, "measures" text NOT NULL, "coi_id" uuid NOT NULL, "hospital_id" uuid NOT NULL, "lot_id" uuid NOT NULL, "order_id" uuid NOT NULL, CONSTRAINT "tracing_notice_once" UNIQUE ("lot_id", "coi_id"), CONSTRAINT "tracing_notice_standing" CHECK ("standing" IN ('reserved', 'not_released', 'released', 'infused', 'ended')), CONSTRAINT "tracing_notice_acknowledged" CHECK (("state" = 'open' OR ("acknowledged_by" IS NOT NULL AND NOT ("measures" = '')))))
--;
CREATE INDEX "tracing_link_course" ON "tracing_link" ("coi", "kind")
--;
ALTER TABLE "tracing_recallnotice" ADD CONSTRAINT "tracing_recallnotice_coi_id_df1e7251_fk_identity_chain_id" FOREIGN KEY ("coi_id") REFERENCES "identity_chain" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "tracing_recallnotice" ADD CONSTRAINT "tracing_recallnotice_hospital_id_454acd6f_fk_network_site_id" FOREIGN KEY ("hospital_id") REFERENCES "network_site" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "tracing_recallnotice" ADD CONSTRAINT "tracing_recallnotice_lot_id_59f11614_fk_materials_lot_id" FOREIGN KEY ("lot_id") REFERENCES "materials_lot" ("id") DEFERRABLE INITIALLY DEFERRED
--;
ALTER TABLE "tracing_recallnotice" ADD CONSTRAINT "tracing_recallnotice_order_id_2f84d31a_fk_orders_order_id" FOREIGN KEY ("order_id") REFERENCES "orders_order" ("id") DEFERRABLE INITIALLY DEFERRED
--;
CREATE INDEX "tracing_recallnotice_coi_id_df1e7251" ON "tracing_recallnotice" ("coi_id")
--;
CREATE INDEX "tracing_recallnotice_hospital_id_454acd6f" ON "tracing_recallnotice" ("hospital_id")
--;
CREATE INDEX "tracing_recallnotice_lot_id_59f11614" ON "tracing_recallnotice" ("lot_id")
--;
CREATE INDEX "tracing_recallnotice_order_id_2f84d31a" ON "tracing_recallnotice" ("order_id")
--;
CREATE INDEX "tracing_notice_hospital" ON "tracing_recallnotice" ("hospital_id", "state")
--;
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
ON CONFLICT (kind, subject, coi) DO NOTHING
--;
