"""A definition of its own, made from the shipped text: several bags hold the dose, and cells are counted with a kit."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from vein2vein.engines.definitions import files_in

SHIPPED = "rapid-bcma-cd19"
FILL = """        value: fill_volume
        formula: max(ceil(ordered_dose / (40 [%] * harvest_concentration / 2), 0.5 [mL]), 5 [mL])
        unit: mL
        limits:
          action: {low: 5 mL, high: 25 mL}
"""
FILL_EACH = """        value: bag_volume
        formula: max(ceil(ordered_dose / (40 [%] * harvest_concentration / 2) / BAGS, 0.1 [mL]), 1.5 [mL])
        unit: mL
        limits:
          action: {low: 1.5 mL, high: 25 mL}
      - id: compute_filled_volume
        kind: compute
        text: {en: Volume of the whole dose in its bags., zh: 全部成品袋的总体积。}
        role: operator
        value: fill_volume
        formula: BAGS * bag_volume
        unit: mL
"""
COUNTER = """  - id: counter_aodapi
    name: {en: Automated count with AO/DAPI, zh: AO/DAPI自动计数}
    version: "1.3"
    equipment_class: cell_counter
"""
KIT = "endotoxin_test_kit"
"""Which kit does not matter here: it is one that is in stock."""
MADE = """        container: product_bag
        parent: harvest_bag
"""
SCAN = """      - id: scan_product_bag
        kind: scan
        text: {en: Scan the product bag into the freezer., zh: 扫描成品袋放入程序降温仪。}
        role: operator
        verify: second_person
        target: container
        container: product_bag
        identity: true
"""


def split_files(bags: int) -> dict[str, bytes]:
    """Return the five files of the shipped rapid definition, changed so that the dose is filled into `bags` bags."""
    files = files_in(Path(settings.THERAPIES) / SHIPPED)
    process = files["process.yaml"].decode()
    scans = "".join(SCAN.replace("scan_product_bag", f"scan_product_bag_{place}") for place in range(1, bags + 1))
    for old, new in (
        (FILL, FILL_EACH.replace("BAGS", str(bags))),
        ("volume: fill_volume\n", "volume: bag_volume\n"),
        (MADE, f"{MADE}        count: {bags}\n"),
        (SCAN, scans),
    ):
        assert old in process, old
        process = process.replace(old, new)
    specification = files["specification.yaml"].decode()
    assert COUNTER in specification
    specification = specification.replace(COUNTER, f"{COUNTER}    kit: {KIT}\n")
    therapy = files["therapy.yaml"].decode().replace("version: 1.0.0", "version: 1.1.0")
    return files | {
        "process.yaml": process.encode(),
        "specification.yaml": specification.encode(),
        "therapy.yaml": therapy.encode(),
    }
