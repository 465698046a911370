"""Where each kind of thing is looked for: its rows, the columns people know it by, and whose eyes may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vein2vein.tracing.states import Sought

EVERYBODY = "TRUE"
BASE_ONLY = "%(all)s"
_OF_HOSPITAL = "(%(all)s OR {} = ANY(%(sites)s))"


@dataclass(frozen=True, slots=True)
class Register:
    """One place to look: `rows` selects id, code, name (English, Chinese), state, place, note, time and `leads_to`.

    `whole` are columns compared as a whole with what was scanned or typed; `begins` those of which the beginning is
    enough, `holds` those of which any part is. `prefix` is what our own codes of the
    kind begin with; `kind` an SQL expression where rows are of several kinds. `against` names
    the values that `whole` is compared with: what was asked for, or its keyed digests.
    """

    sought: tuple[Sought, ...]
    rows: str
    scope: str
    whole: Sequence[str]
    begins: Sequence[str] = ()
    holds: Sequence[str] = ()
    prefix: str = ""
    kind: str = ""
    order: str = "t.id DESC"
    against: str = "wholes"


REGISTERS: tuple[Register, ...] = (
    Register(
        (Sought.COI,),
        """t.id, t.code, t.therapy_code AS name, '' AS name_zh, t.state, s.code AS place, '' AS note, t.issued_at AS at,
        t.id AS leads_to FROM identity_chain t JOIN identity_patient p ON p.id = t.patient_id
        JOIN network_site s ON s.id = p.hospital_id""",
        _OF_HOSPITAL.format("p.hospital_id"),
        prefix="V2V",
        whole=("t.code",),
        begins=("t.code",),
    ),
    Register(
        (Sought.COI,),
        """t.id, t.code, t.therapy_code AS name, '' AS name_zh, l.state, s.code AS place, l.code AS note,
        l.printed_at AS at, t.id AS leads_to FROM identity_label l JOIN identity_chain t ON t.id = l.coi_id
        JOIN identity_patient p ON p.id = t.patient_id JOIN network_site s ON s.id = p.hospital_id""",
        "l.kind = 'wristband' AND " + _OF_HOSPITAL.format("p.hospital_id"),
        prefix="WRB",
        whole=("l.code",),
        begins=("l.code",),
    ),
    Register(
        (Sought.ORDER,),
        """t.id, t.code, t.therapy_code AS name, '' AS name_zh, t.state, s.code AS place, t.subject_number AS note,
        t.drafted_at AS at, t.id AS leads_to FROM orders_order t JOIN network_site s ON s.id = t.hospital_id""",
        _OF_HOSPITAL.format("t.hospital_id"),
        prefix="ORD",
        whole=("t.code", "t.subject_number", "t.rfi_number"),
        begins=("t.code", "t.subject_number"),
    ),
    Register(
        (Sought.ORDER,),
        """t.id, t.code, t.therapy_code AS name, '' AS name_zh, t.state, s.code AS place, t.subject_number AS note,
        t.drafted_at AS at, t.id AS leads_to FROM identity_patientnumber n JOIN orders_order t
        ON t.patient_id = n.patient_id AND t.hospital_id = n.hospital_id JOIN network_site s ON s.id = t.hospital_id""",
        "n.hospital_id = ANY(%(sites)s)",
        whole=("n.number_digest",),
        against="digests",
    ),
    Register(
        (Sought.BATCH,),
        """t.id, t.number AS code, o.therapy_code AS name, '' AS name_zh, t.state, s.code AS place, o.code AS note,
        t.opened_at AS at, o.id AS leads_to FROM manufacturing_batch t JOIN orders_order o ON o.id = t.order_id
        JOIN network_site s ON s.id = t.site_id""",
        _OF_HOSPITAL.format("o.hospital_id"),
        prefix="BAT",
        whole=("t.number",),
        begins=("t.number",),
    ),
    Register(
        (Sought.CONTAINER, Sought.SAMPLE),
        """t.id, t.code, t.role AS name, '' AS name_zh, t.state, c.code AS place, t.batch_number AS note,
        t.made_at AS at, coalesce(a.batch_id, t.id) AS leads_to FROM identity_container t
        JOIN identity_chain c ON c.id = t.coi_id JOIN identity_patient p ON p.id = c.patient_id
        LEFT JOIN laboratory_sample a ON a.container_id = t.id""",
        _OF_HOSPITAL.format("p.hospital_id"),
        prefix="CTN",
        whole=("t.code",),
        begins=("t.code",),
        kind="CASE WHEN t.kind = 'sample' THEN 'sample' ELSE 'container' END",
    ),
    Register(
        (Sought.CONTAINER, Sought.SAMPLE),
        """t.id, t.code, t.role AS name, '' AS name_zh, t.state, c.code AS place, t.donation_number AS note,
        t.made_at AS at, t.id AS leads_to FROM identity_container t
        JOIN identity_chain c ON c.id = t.coi_id JOIN identity_patient p ON p.id = c.patient_id""",
        "t.donation_number <> '' AND " + _OF_HOSPITAL.format("p.hospital_id"),
        whole=("t.donation_number",),
        kind="CASE WHEN t.kind = 'sample' THEN 'sample' ELSE 'container' END",
    ),
    Register(
        (Sought.LABEL, Sought.CONTAINER, Sought.SAMPLE),
        """coalesce(k.id, t.id) AS id, coalesce(k.code, t.code) AS code, coalesce(k.role, t.purpose) AS name,
        CASE WHEN k.id IS NULL THEN t.purpose_zh ELSE '' END AS name_zh, coalesce(k.state, t.state) AS state,
        c.code AS place, CASE WHEN k.id IS NULL THEN '' ELSE t.code END AS note, t.printed_at AS at,
        coalesce(a.batch_id, k.id, c.id) AS leads_to FROM identity_label t JOIN identity_chain c ON c.id = t.coi_id
        JOIN identity_patient p ON p.id = c.patient_id LEFT JOIN identity_container k ON k.id = t.container_id
        LEFT JOIN laboratory_sample a ON a.container_id = k.id""",
        "t.kind = 'container' AND " + _OF_HOSPITAL.format("p.hospital_id"),
        prefix="LBL",
        whole=("t.code",),
        begins=("t.code",),
        kind="CASE WHEN k.id IS NULL THEN 'label' WHEN k.kind = 'sample' THEN 'sample' ELSE 'container' END",
    ),
    Register(
        (Sought.KIT,),
        """t.id, t.code, '' AS name, '' AS name_zh, t.state, c.code AS place, '' AS note, t.printed_at AS at,
        c.id AS leads_to FROM identity_kit t JOIN identity_chain c ON c.id = t.coi_id
        JOIN identity_patient p ON p.id = c.patient_id""",
        _OF_HOSPITAL.format("p.hospital_id"),
        prefix="KIT",
        whole=("t.code",),
        begins=("t.code",),
    ),
    Register(
        (Sought.LOT,),
        """t.id, t.number AS code, t.material_code AS name, '' AS name_zh, t.state, s.code AS place, t.code AS note,
        t.expires_at AS at, t.id AS leads_to FROM materials_lot t JOIN network_site s ON s.id = t.site_id""",
        BASE_ONLY,
        prefix="LOT",
        whole=("t.code", "t.number"),
        begins=("t.code",),
        holds=("t.number", "t.material_code", "t.supplier"),
    ),
    Register(
        (Sought.SHIPMENT,),
        """t.id, t.code, t.kind AS name, '' AS name_zh, t.state, o.code || ' → ' || d.code AS place, t.sscc AS note,
        t.planned_at AS at, t.id AS leads_to FROM logistics_shipment t JOIN network_lane n ON n.id = t.lane_id
        JOIN network_site o ON o.id = n.origin_id JOIN network_site d ON d.id = n.destination_id""",
        """(%(all)s OR n.origin_id = ANY(%(sites)s) OR n.destination_id = ANY(%(sites)s)
        OR n.carrier_id = ANY(%(sites)s))""",
        prefix="SHP",
        whole=("t.code", "t.sscc", "t.seal"),
        begins=("t.code", "t.sscc", "t.logger_serial"),
    ),
    Register(
        (Sought.EQUIPMENT,),
        """t.id, t.code, t.name_en AS name, t.name_zh, t.state, s.code AS place, t.serial AS note,
        NULL::timestamptz AS at, t.id AS leads_to FROM network_equipment t JOIN network_site s ON s.id = t.site_id""",
        "(%(all)s OR t.site_id = ANY(%(sites)s) OR t.hold_time_h IS NOT NULL)",
        whole=("t.code", "t.serial"),
        begins=("t.code",),
        holds=("t.serial", "t.name_en", "t.name_zh"),
        order="t.code",
    ),
    Register(
        (Sought.POSITION,),
        """t.id, t.code, t.name AS name, '' AS name_zh, '' AS state, s.code AS place, coalesce(e.code, '') AS note,
        NULL::timestamptz AS at, t.id AS leads_to FROM identity_position t JOIN network_site s ON s.id = t.site_id
        LEFT JOIN network_equipment e ON e.id = t.equipment_id""",
        _OF_HOSPITAL.format("t.site_id"),
        prefix="POS",
        whole=("t.code",),
        begins=("t.code",),
        order="t.code",
    ),
    Register(
        (Sought.ACCOUNT,),
        """t.id, t.username AS code, t.name AS name, t.name_zh, t.state, s.code AS place,
        coalesce((SELECT string_agg(DISTINCT r.role, ' ') FROM people_accountrole r
            WHERE r.account_id = t.id AND r.valid @> %(at)s), '') AS note,
        NULL::timestamptz AS at, t.id AS leads_to FROM people_account t
        JOIN network_site s ON s.id = t.employer_id""",
        _OF_HOSPITAL.format("t.employer_id"),
        whole=("t.username", "t.badge_code"),
        begins=("t.username",),
        holds=("t.username", "t.name", "t.name_zh"),
        order="t.username",
    ),
    Register(
        (Sought.DEVIATION,),
        """t.id, t.code, t.subject AS name, '' AS name_zh, t.state, coalesce(b.number, c.code, '') AS place,
        t.severity AS note, t.opened_at AS at, t.id AS leads_to FROM quality_deviation t
        LEFT JOIN manufacturing_batch b ON b.id = t.batch_id LEFT JOIN identity_chain c ON c.id = t.coi_id""",
        BASE_ONLY,
        whole=("t.code",),
        begins=("t.code",),
        holds=("t.subject",),
    ),
    Register(
        (Sought.SITE,),
        """t.id, t.code, t.name_en AS name, t.name_zh, '' AS state, m.code AS place, t.kind AS note,
        NULL::timestamptz AS at, t.id AS leads_to FROM network_site t JOIN network_market m ON m.id = t.market_id""",
        EVERYBODY,
        whole=("t.code", "t.gln"),
        begins=("t.code",),
        holds=("t.name_en", "t.name_zh"),
        order="t.code",
    ),
)
