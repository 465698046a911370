"""Secrets kept in the state folder, made once, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


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
