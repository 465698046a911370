"""The example order, and ways to spoil it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[3] / "examples"
MYELOMA = EXAMPLES / "order-rapid-myeloma.json"
LUPUS = EXAMPLES / "order-lupus.json"

Change = Callable[[dict[str, Any]], object]


def spoiled(change: Change, file: Path = MYELOMA) -> bytes:
    bundle = json.loads(file.read_bytes())
    change(bundle)
    return json.dumps(bundle).encode()


def resource(bundle: dict[str, Any], kind: str, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind][number]
    return found


def drop(kind: str) -> Change:
    def change(bundle: dict[str, Any]) -> None:
        bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != kind]

    return change


def put(kind: str, *path: Any) -> Change:
    """Set the element at path (all but the last argument) to the last argument; None removes it."""

    def change(bundle: dict[str, Any]) -> None:
        at: Any = resource(bundle, kind)
        for step in path[:-2]:
            at = at[step]
        if path[-1] is None:
            del at[path[-2]]
        else:
            at[path[-2]] = path[-1]

    return change


def copy(kind: str, **over: Any) -> Change:
    """Add the resource of a kind once more, with elements replaced, under a fullUrl of its own unless one is given."""

    def change(bundle: dict[str, Any]) -> None:
        entry = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
        url = over.pop("fullUrl", "urn:uuid:5d4e8b0a-0000-4000-8000-000000000001")
        bundle["entry"].append({**entry, "fullUrl": url, "resource": {**entry["resource"], **over}})

    return change
