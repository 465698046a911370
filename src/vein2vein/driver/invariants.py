"""What holds after every act, asked of the tables themselves by one statement."""

from __future__ import annotations

from django.db import connection

_ASKED = {
    "a container descends from another patient's": """
        SELECT p.id::text FROM identity_parentage p JOIN identity_container child ON child.id = p.child_id
        JOIN identity_container parent ON parent.id = p.parent_id
        WHERE child.coi_id <> parent.coi_id OR p.coi_id <> child.coi_id""",
    "a container came from nowhere": """
        SELECT c.code FROM identity_container c WHERE c.kind <> 'starting_material'
        AND NOT EXISTS (SELECT 1 FROM identity_parentage p WHERE p.child_id = c.id)""",
    "two patients at one workstation": """
        SELECT a.id::text FROM manufacturing_occupancy a JOIN manufacturing_occupancy b
        ON a.workstation_id = b.workstation_id AND a.id < b.id AND a.during && b.during""",
    "a workstation is held for another patient than the batch's": """
        SELECT o.id::text FROM manufacturing_occupancy o JOIN manufacturing_batch b ON b.id = o.batch_id
        WHERE b.coi_id <> o.coi_id""",
    "two custodians at once": """
        SELECT a.id::text FROM identity_custody a JOIN identity_custody b
        ON a.container_id = b.container_id AND a.id < b.id AND a.during && b.during""",
    "a container at hand has no custodian": """
        SELECT c.code FROM identity_container c WHERE c.state IN ('active', 'thawed') AND NOT EXISTS
        (SELECT 1 FROM identity_custody k WHERE k.container_id = c.id AND upper_inf(k.during))""",
    "infused or thawed without its release": """
        SELECT c.code FROM identity_container c LEFT JOIN orders_dosebag d ON d.container_id = c.id
        LEFT JOIN orders_order o ON o.id = d.order_id
        WHERE c.state = 'infused' AND (c.disposition <> 'released' OR o.rfi_number = '' OR o.coi_id <> c.coi_id
              OR d.id IS NULL)
           OR c.state = 'thawed' AND c.kind = 'final_product' AND c.disposition <> 'released'""",
    "infused without two people's match": """
        SELECT c.code FROM identity_container c WHERE c.state = 'infused' AND NOT EXISTS
        (SELECT 1 FROM identity_identitycheck k JOIN identity_label w ON w.id = k.wristband_id
         WHERE k.container_id = c.id AND k.occasion = 'infusion' AND k.coi_id = c.coi_id AND w.coi_id = c.coi_id
           AND k.performed_by_id <> k.witnessed_by_id)""",
    "more infused than the confirmed dose": """
        SELECT o.code FROM orders_order o JOIN orders_dosebag d ON d.order_id = o.id
        JOIN identity_container c ON c.id = d.container_id AND c.state = 'infused'
        GROUP BY o.id HAVING sum(d.cells) > max(o.dose_confirmed_total)""",
    "product under way without its release": """
        SELECT s.code FROM logistics_shipment s JOIN logistics_shipmentitem i ON i.shipment_id = s.id
        JOIN identity_container c ON c.id = i.container_id
        WHERE c.coi_id <> s.coi_id OR s.kind = 'product' AND s.state IN ('packed', 'in_transit')
          AND c.disposition NOT IN ('released', 'rejected')
          AND NOT EXISTS (SELECT 1 FROM quality_alert a WHERE a.coi_id = s.coi_id AND a.product_decision = '')""",
    "a label used twice, or on another patient's container": """
        SELECT max(l.code) FROM identity_label l JOIN identity_container c ON c.id = l.container_id
        WHERE l.state IN ('activated', 'used') GROUP BY c.id HAVING count(*) > 1 OR bool_or(l.coi_id <> c.coi_id)
        UNION ALL SELECT stream FROM journal_entry WHERE fact = 'identity.LabelActivated'
        GROUP BY stream, payload::jsonb->'data'->>'label_id', payload::jsonb->'data'->>'label'
        HAVING count(*) > 1""",
    "a lot below nothing": """
        SELECT id::text FROM materials_movement WHERE on_hand_after < 0 OR reserved_after < 0""",
    "a lot used past its expiry or unreleased": """
        SELECT m.id::text FROM materials_movement m JOIN materials_lot l ON l.id = m.lot_id
        WHERE m.kind IN ('thaw', 'consumption')
          AND (m.moved_at >= l.expires_at OR l.state NOT IN ('released', 'recalled'))""",
    "a stream with a gap": """
        SELECT s.stream FROM journal_stream s FULL JOIN
        (SELECT stream, min(seq) AS first, max(seq) AS last, count(*) AS count FROM journal_entry GROUP BY stream) e
        ON e.stream = s.stream WHERE (e.first, e.last, e.count) IS DISTINCT FROM (1, s.seq, s.seq)""",
}
_LITERAL = {what: "'" + what.replace("'", "''") + "'" for what in _ASKED}
_STATEMENT = "SELECT 'entries', count(*)::text FROM journal_entry" + "".join(  # noqa: S608 - fixed texts
    f" UNION ALL SELECT {_LITERAL[what]}, x.* FROM ({asked}) AS x(which)"  # noqa: S608
    for what, asked in _ASKED.items()
)


def standing() -> tuple[int, list[tuple[str, str]]]:
    """Return how many entries the journal has, and every invariant that does not hold, with what breaks it."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT)
        (_, count), *found = cursor.fetchall()
    return int(count), found


def broken() -> list[tuple[str, str]]:
    """Return every invariant that does not hold, with what breaks it."""
    return standing()[1]


def entries() -> int:
    """Return how many entries the journal has."""
    return standing()[0]
