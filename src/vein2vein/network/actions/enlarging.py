"""A network text with several times the equipment and units: the same base, built for more patients."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
_NUMBER = re.compile(r"\d+(?=\D*\Z)")


def enlarged(told: Row, times: int) -> dict[str, Any]:
    """Return a network with each piece of equipment `times` over, numbered on within its class, and as many units."""
    return {**told, "sites": [_site(site, times) for site in told["sites"]]}


def _site(site: Row, times: int) -> dict[str, Any]:
    there = site.get("equipment", [])
    of_class = Counter(row["class"] for row in there)
    return {
        **site,
        "equipment": [*there, *(_copy(row, of_class[row["class"]], n) for n in range(1, times) for row in there)],
        "resources": [{**row, "units": row["units"] * times} for row in site.get("resources", [])],
    }


def _copy(row: Row, in_class: int, nth: int) -> dict[str, Any]:
    prefix, _, number = str(row["code"]).rpartition("-")
    numbered = int(number) + nth * in_class
    return {
        **row,
        "code": f"{prefix}-{numbered:02d}",
        "name": {language: _NUMBER.sub(str(numbered), name) for language, name in row["name"].items()},
        "serial": f"{row['serial']}-{nth + 1}",
    }
