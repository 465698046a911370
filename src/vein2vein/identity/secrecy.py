"""Hospital numbers at rest: encrypted to be shown at the bedside, digested under another key to be found by.

Both keys are kept with the installation's secrets, outside the database: a copy of the database alone tells nothing.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings

from vein2vein.core.secrets import kept
from vein2vein.identity.rules import normal_number


@lru_cache(maxsize=4)
def _cipher(state: Path) -> Fernet:
    return Fernet(kept(state, "patient-numbers-key") + "=")


@lru_cache(maxsize=4)
def _digest_key(state: Path) -> bytes:
    return kept(state, "patient-numbers-digest-key").encode()


def encrypt(hospital_number: str) -> str:
    """Return a hospital number encrypted (Fernet: AES-128-CBC and HMAC), as text."""
    return _cipher(settings.STATE).encrypt(hospital_number.strip().encode()).decode()


def decrypt(token: str) -> str:
    """Return the hospital number; raises `cryptography.fernet.InvalidToken` under another key."""
    return _cipher(settings.STATE).decrypt(token.encode()).decode()


def digest(hospital_id: UUID, hospital_number: str) -> str:
    """Return the keyed digest (HMAC-SHA-256, hexadecimal) under which a hospital's number is found."""
    said = f"{hospital_id}:{normal_number(hospital_number)}".encode()
    return hmac.new(_digest_key(settings.STATE), said, sha256).hexdigest()
