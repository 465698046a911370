"""How this engine words a fault: a code, a FHIRPath, the value, the mend."""

from __future__ import annotations

from vein2vein.core.refusals import Blocker

MAX_SHOWN = 80
MAX_FAULTS = 50


def shown(value: object, most: int = MAX_SHOWN) -> str:
    """Return `value` short and printable enough to stand in a message."""
    text = (value if isinstance(value, str) else str(value))[: most + 1]
    clean = "".join(char if char.isprintable() else "·" for char in text)
    return clean if len(clean) <= most else clean[:most] + "…"


def fault(code: str, message: str, path: str, value: object, mend: str, **params: str) -> Blocker:
    """Return a blocker at a FHIRPath; `message` and `mend` are marked English texts."""
    return Blocker(code, message, path, shown(value), mend, params)
