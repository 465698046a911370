"""What ids stand for: the code, number or name by which people know each thing that the journal refers to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from vein2vein.doors.naming import Known, chinese
from vein2vein.tracing.reads.asking import rows

_CODES: Mapping[str, str] = {
    "lot": "number FROM materials_lot",
    "coi": "code FROM identity_chain",
    "container": "code FROM identity_container",
    "label": "code FROM identity_label",
    "kit": "code FROM identity_kit",
    "order": "code FROM orders_order",
    "batch": "number FROM manufacturing_batch",
    "shipment": "code FROM logistics_shipment",
    "deviation": "code FROM quality_deviation",
    "equipment": "code FROM network_equipment",
    "resource": "code FROM network_resource",
    "lane": "code FROM network_lane",
    "room": "code FROM network_room",
    "site": "code FROM network_site",
    "definition": "therapy_code || ' ' || version FROM therapies_definitionversion",
}
_CHINESE_NAME = "CASE WHEN name_zh = '' THEN name ELSE name_zh END FROM people_account"
_ENGLISH_NAME = "name FROM people_account"


def known(ids: Collection[UUID]) -> Mapping[UUID, Known]:
    """Return what ids stand for, by one statement over all tables that carry a code; unknown ids are left out."""
    codes = {**_CODES, "account": _CHINESE_NAME if chinese() else _ENGLISH_NAME}
    statement = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, id, {source} WHERE id = ANY(%(ids)s)" for kind, source in codes.items()
    )
    found = rows(f"SELECT kind, id, code FROM ({statement}) AS one(kind, id, code)", {"ids": list(ids)})  # noqa: S608 - fixed texts
    return {row["id"]: Known(row["kind"], row["code"]) for row in found}
