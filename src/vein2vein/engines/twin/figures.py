"""Starting figures: what is published of autologous CAR-T on a rapid platform, and what had to be assumed.

Each is to be replaced by what a base measures itself. “Assumed” and “derived” say that no published figure was found.
"""

from __future__ import annotations

from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.spreads import LogNormal, Spread, Triangular, Uniform

_BATCHES = "anchored in published manufacturing failures (Blood 2023 real-world series, CARTITUDE-1)"
_UK = "UK large B-cell lymphoma series: 38 failures of 981 batches"
_OWN = "assumed, without a published figure: replace it by the base's own"


def _days(value: float | Spread, source: str) -> Figure:
    return Figure(value=value, unit="d", source=source)


def _hours(value: float | Spread, source: str) -> Figure:
    return Figure(value=value, unit="h", source=source)


def _share(value: float, source: str) -> Figure:
    return Figure(value=value, unit="%", source=source)


STARTING = {
    "referral": _days(
        LogNormal(median=22.0, sigma=0.46), "referral to apheresis, median 22 d, IQR 15–28, one US centre, n = 34"
    ),
    "apheresis": _hours(Triangular(low=3.0, mode=4.5, high=6.0), "leukapheresis takes 3–6 h"),
    "apheresis_again": _days(LogNormal(median=10.0, sigma=0.4), f"arranging another apheresis: {_OWN}"),
    "transit": _hours(Triangular(low=4.0, mode=12.0, high=36.0), f"starting material, domestic: {_OWN}"),
    "transit_abroad": _hours(Triangular(low=18.0, mode=36.0, high=72.0), f"starting material across a border: {_OWN}"),
    "customs": _hours(
        LogNormal(median=4.0, sigma=0.6), "declaration to release 4 h, Shanghai Pudong, February 2025; spread assumed"
    ),
    "fresh_limit": _hours(72.0, "fresh apheresis at 2–8 °C: at most 72 h, published Shanghai–Hong Kong case"),
    "receipt": _hours(Uniform(low=0.5, high=2.0), f"receipt, identity, count: {_OWN}"),
    "material_rejected": _share(1.0, f"starting material rejected at receipt: {_OWN}"),
    "excursion": _share(0.3, f"shipper or logger failed in transit: {_OWN}"),
    "apheresis_repeated": _share(4.0, f"too few cells, apheresis repeated, 3–5 %: {_OWN}"),
    "turnaround": _hours(Uniform(low=4.0, high=6.0), f"suite turnaround with line clearance: {_OWN}"),
    "setup": _hours(Uniform(low=2.0, high=5.0), "wash, selection, start of activation: 2–5 h, typical"),
    "culture": _hours(Uniform(low=16.5, high=24.5), "what setup and finish leave of the published 22–36 h; derived"),
    "finish": _hours(Uniform(low=3.5, high=6.5), "harvest, formulation, controlled-rate freezing, typical"),
    "terminated": _share(2.0, f"batch terminated, 1–4 %: assumed, {_BATCHES}"),
    "oos_myeloma": _share(8.0, f"out of specification, swept 2–19 %: assumed, {_BATCHES}"),
    "oos_lymphoma": _share(4.0, f"out of specification: assumed, {_UK}"),
    "oos_lupus": _share(3.0, f"out of specification: {_OWN}"),
    "oos_given": _share(34.0, f"an out-of-specification product was given all the same: {_UK}"),
    "made_again": _share(55.0, f"made again after a failure, 21 of 38: {_UK}"),
    "panel": _hours(Triangular(low=4.0, mode=6.0, high=8.0), "flow cytometry with counts and viability, 4–8 h"),
    "panel_invalid": _share(3.0, f"invalid assay per run: {_OWN}"),
    "panel_repeat": _days(Uniform(low=1.0, high=3.0), f"an invalid assay adds 1–3 d: {_OWN}"),
    "sterility_rapid": _days(Triangular(low=7.0, mode=8.0, high=10.0), "rapid panel, published allowance 7 d; assumed"),
    "sterility_compendial": _days(Triangular(low=14.0, mode=15.0, high=18.0), "compendial sterility, 14 d; assumed"),
    "sterility_invalid": _share(0.5, f"invalid sterility test: {_OWN}"),
    "sterility_repeat": _days(Uniform(low=7.0, high=14.0), f"a repeated sterility test adds 7–14 d: {_OWN}"),
    "review": _hours(Triangular(low=4.0, mode=12.0, high=24.0), "quality review 0.5–3 working days of 8 h: assumed"),
    "decision": _hours(Uniform(low=0.5, high=2.0), f"disposition by the qualified person: {_OWN}"),
    "release_to_infusion": _days(
        LogNormal(median=8.0, sigma=0.5, at_least=6.0), "with transit; at least 6 d for lymphodepletion; assumed"
    ),
    "bag_lost": _share(0.6, "shipper failure 0.3 % (assumed) and cryobag fracture 0.3 % of bags (published)"),
    "attrition": Figure(
        value=0.0030,
        unit="1/d",
        source="not infused after apheresis: 4 % at 7 d, 8–9 % at a month, 15–30 % at long vein to vein; derived",
    ),
    "bed": _days(Uniform(low=10.0, high=14.0), "monitoring after infusion, two weeks in the labels"),
}
"""Figures by name; durations in hours or days, shares in per cent, rates per day."""
