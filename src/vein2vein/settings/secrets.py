"""The secret key of this installation: given, or made once and kept in the state folder."""

from __future__ import annotations

import os
from pathlib import Path

from vein2vein.core.secrets import kept


def secret_key(state: Path) -> str:
    """Return `V2V_SECRET_KEY`, or the key kept in `state`, making it at first use."""
    given = os.environ.get("V2V_SECRET_KEY")
    return given if given else kept(state, "secret-key")
