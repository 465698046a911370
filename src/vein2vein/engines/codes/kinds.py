"""Every kind of code, and the prefixes of our own."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Every kind of code that is understood."""

    COI = "coi"
    KIT = "kit"
    LABEL = "label"
    CONTAINER = "container"
    SAMPLE = "sample"
    POSITION = "position"
    WORKSTATION = "workstation"
    EQUIPMENT = "equipment"
    BADGE = "badge"
    WRISTBAND = "wristband"
    LOT = "lot"
    BATCH = "batch"
    SHIPPER = "shipper"
    SHIPMENT = "shipment"
    LOGGER = "logger"
    SEAL = "seal"
    ORDER = "order"
    DOCUMENT = "document"
    DIN = "din"
    ISBT_PRODUCT = "isbt_product"
    ISBT_EXPIRY = "isbt_expiry"
    ISBT_COLLECTION = "isbt_collection"
    SSCC = "sscc"
    SGTIN = "sgtin"
    GTIN = "gtin"
    GRAI = "grai"
    GIAI = "giai"
    GSRN_PROVIDER = "gsrn_provider"
    GSRN_RECIPIENT = "gsrn_recipient"
    GLN = "gln"
    GDTI = "gdti"
    GS1_ATTRIBUTES = "gs1_attributes"


PREFIXES: dict[Kind, str] = {
    Kind.COI: "V2V",
    Kind.KIT: "KIT",
    Kind.LABEL: "LBL",
    Kind.CONTAINER: "CTN",
    Kind.SAMPLE: "SMP",
    Kind.POSITION: "POS",
    Kind.WORKSTATION: "WKS",
    Kind.EQUIPMENT: "EQP",
    Kind.BADGE: "BDG",
    Kind.WRISTBAND: "WRB",
    Kind.LOT: "LOT",
    Kind.BATCH: "BAT",
    Kind.SHIPPER: "SHC",
    Kind.SHIPMENT: "SHP",
    Kind.LOGGER: "LGR",
    Kind.SEAL: "SEA",
    Kind.ORDER: "ORD",
    Kind.DOCUMENT: "DOC",
}
"""The letters that our own codes begin with."""

KINDS: dict[str, Kind] = {prefix: kind for kind, prefix in PREFIXES.items()}
"""The kind that each prefix means."""
