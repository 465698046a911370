"""Papers: labels and documents as PDF, English and Chinese, every barcode proved before it is printed."""

from vein2vein.engines.papers.barcodes import Symbol, Symbology, draw
from vein2vein.engines.papers.documents import (
    batch_record,
    certificate,
    dose_report,
    release_for_infusion,
    travel_papers,
)
from vein2vein.engines.papers.labels import container_label, kit_label, shipping_label, wristband
from vein2vein.engines.papers.offline import OfflinePack, offline_pack
from vein2vein.engines.papers.refusing import CannotPrint
from vein2vein.engines.papers.typesetting import Form, typeset
from vein2vein.engines.papers.wording import language_of

__all__ = [
    "CannotPrint",
    "Form",
    "OfflinePack",
    "Symbol",
    "Symbology",
    "batch_record",
    "certificate",
    "container_label",
    "dose_report",
    "draw",
    "kit_label",
    "language_of",
    "offline_pack",
    "release_for_infusion",
    "shipping_label",
    "travel_papers",
    "typeset",
    "wristband",
]
