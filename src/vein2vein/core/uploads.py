"""A file that somebody hands in at a door."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

LARGEST_BYTES = 5 * 1024 * 1024
"""No door takes a larger file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file's name and its bytes, as they came."""

    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the hash of the content, in hexadecimal."""
        return sha256(self.content).hexdigest()
