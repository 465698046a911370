"""Patients who do not exist: what instruments show for one patient of each shipped therapy; typical values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Shown:
    """What the instruments show for one patient: values and outcomes by test, and the counter's two clouds of cells."""

    values: Mapping[str, str]
    live_per_ml: Decimal
    dead_per_ml: Decimal


@dataclass(frozen=True, slots=True)
class InventedPatient:
    """The collected volume (mL), the count at receipt (cells per mL), values by batch step, results by test."""

    collected_ml: Decimal
    received_live_per_ml: Decimal
    received_dead_per_ml: Decimal
    measured: Mapping[str, str]
    shown: Shown
    odd: frozenset[str] = frozenset()
    """Steps whose value is out of its limits, with a comment, and which QA lets go on."""


MYELOMA = InventedPatient(
    collected_ml=Decimal(210),
    received_live_per_ml=Decimal("2.4E7"),
    received_dead_per_ml=Decimal("1.0E6"),
    measured={
        "measure_received_volume": "210",
        "measure_received_count": "2e7",
        "measure_received_viability": "95",
        "measure_haematocrit": "2",
        "measure_thawed_count": "2.2e7",
        "measure_thawed_viability": "88",
        "measure_washed_count": "3e7",
        "measure_cd3_fraction": "60",
        "measure_selected_count": "1e7",
        "measure_incubator_temperature": "37.0",
        "measure_harvest_count": "6e6",
        "measure_harvest_viability": "92",
        "measure_end_temperature": "-90.0",
    },
    shown=Shown(
        values={
            "appearance": "conforms",
            "identity_bcma_car": "38.4",
            "identity_cd19_car": "37.9",
            "car_positive": "40.0",
            "purity_cd3": "97.2",
            "residual_b_cells": "0.10",
            "residual_plasma_cells": "0.05",
            "vcn": "1.8",
            "rcl": "not_detected",
            "sterility": "no_growth",
            "mycoplasma": "not_detected",
            "endotoxin": "0.25",
            "residual_beads": "12",
            "potency_bcma": "850",
            "potency_cd19": "790",
            "residual_p24": "35",
            "satellite_car_positive": "36.0",
            "satellite_vcn": "1.6",
            "sterility_compendial": "no_growth",
        },
        live_per_ml=Decimal("3.0E6"),
        dead_per_ml=Decimal("3.0E5"),
    ),
)

LUPUS = InventedPatient(
    collected_ml=Decimal(120),
    received_live_per_ml=Decimal("2.8E7"),
    received_dead_per_ml=Decimal("2.0E6"),
    measured={
        "measure_thawed_cells": "3e9",
        "measure_thawed_viability": "90",
        "measure_selected": "4e8",
        "measure_selected_purity": "95",
        "measure_glucose": "2.5",
        "measure_expanded": "6e9",
        "measure_harvest": "8e6",
    },
    shown=Shown(
        values={
            "appearance": "conforms",
            "car_fraction": "53.0",
            "t_cell_purity": "96.0",
            "cd4_cd8_ratio": "1.6",
            "b_cell_residue": "0.10",
            "copies_per_cell": "2.1",
            "lentivirus_rcl": "not_detected",
            "sterility_14d": "no_growth",
            "mycoplasma_dna": "not_detected",
            "endotoxin": "0.30",
            "killing": "78",
            "cytokine_release": "640",
        },
        live_per_ml=Decimal("4.0E6"),
        dead_per_ml=Decimal("4.0E5"),
    ),
)

PATIENTS: Mapping[str, InventedPatient] = {"rapid-bcma-cd19": MYELOMA, "cd19-lupus": LUPUS}
"""One patient of each therapy that is shipped."""
