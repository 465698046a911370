"""Secrets of this installation, made once and kept in the state folder, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(state: Path) -> str:
    """Return `V2V_SECRET_KEY`, or the key kept in `state`, making it at first use."""
    given = os.environ.get("V2V_SECRET_KEY")
    return given if given else kept(state, "secret-key")


def kept(state: Path, name: str) -> str:
    """Return the secret `name` kept in `state`, making it (256 bits) at first use; safe for two at once."""
    path = state / name
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{name}.{secrets.token_hex(8)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
