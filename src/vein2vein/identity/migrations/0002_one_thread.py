"""What the database itself forbids, so that no two patients can ever be tied together."""

from django.db import migrations

COMPOSITE_KEYS = """
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
    FOREIGN KEY (label_id, coi_id) REFERENCES identity_label (id, coi_id);
"""

KEPT = """
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
    FOR EACH ROW EXECUTE FUNCTION identity_keep('id', 'container_id', 'custodian_kind', 'custodian_ref', 'custodian_name', 'position_id');
"""

GUARDS = """
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
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity_label_stays();
"""

class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial"), ("journal", "0001_initial")]
    operations = [
        migrations.RunSQL(COMPOSITE_KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
