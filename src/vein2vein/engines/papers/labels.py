"""Labels: each function returns the PDF of one label at its real size."""

from __future__ import annotations

from collections.abc import Mapping

from vein2vein.engines.papers.barcodes import Symbol, Symbology, draw
from vein2vein.engines.papers.model import (
    IDENTITY,
    ContainerLabel,
    KitLabel,
    LabelSize,
    Paper,
    ShippingLabel,
    Wristband,
)
from vein2vein.engines.papers.typesetting import Form, typeset


def container_label(label: ContainerLabel, form: Form = Form.PDF) -> bytes:
    """Return the label of a container: barcodes of COI, container and (except on tubes) label; and of a DIN."""
    codes = {"coi": draw(label.coi), "container": draw(label.container_code), "label": draw(label.label_code)}
    narrow = label.size is LabelSize.INTERMEDIATE  # a Code 128 at a readable module would not leave room for the text
    drawn_as = Symbology.DATA_MATRIX if narrow else Symbology.CODE_128
    return _label("container_label", label, codes, label.din, drawn_as, form=form)


def kit_label(label: KitLabel, form: Form = Form.PDF) -> bytes:
    """Return one label of a collection kit: barcodes of COI, kit and label; Code 128 of a DIN."""
    codes = {"coi": draw(label.coi), "kit": draw(label.kit_code), "label": draw(label.label_code)}
    return _label("kit_label", label, codes, label.din, form=form)


def wristband(band: Wristband, form: Form = Form.PDF) -> bytes:
    """Return the patient's wristband: the barcode of its own code, and the two bedside identifiers."""
    return _label("wristband", band, {"label": draw(band.label_code)}, "", form=form)


def shipping_label(label: ShippingLabel, form: Form = Form.PDF) -> bytes:
    """Return the outside label of a shipper: GS1-128 of the SSCC, barcodes of shipment, shipper, logger and seal."""
    codes = {
        "sscc": draw(f"(00){label.sscc}", Symbology.GS1_128),
        "shipment": draw(label.shipment_code),
        "shipper": draw(label.shipper_code),
    }
    return _label("shipping_label", label, codes, "", form=form)


def _label(
    template: str,
    label: Paper,
    codes: Mapping[str, Symbol],
    din: str,
    drawn_as: Symbology = Symbology.CODE_128,
    *,
    form: Form,
) -> bytes:
    drawn: dict[str, Symbol | None] = {**codes, "din": draw(din, drawn_as) if din else None}
    data = {"paper": label, "codes": drawn}
    return typeset(template, data, made_at=label.printed_at, zone=label.zone, identity=IDENTITY, form=form)
