"""How passwords and PINs are kept: Argon2id, at the cost that the settings name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher


class Hasher(Argon2PasswordHasher):
    """Argon2id with ARGON2_TIME_COST rounds over ARGON2_MEMORY_KIB; the cost is low only in tests."""

    def params(self) -> Any:
        """Return the parameters, read anew each time so that the settings decide."""
        self.time_cost = settings.ARGON2_TIME_COST
        self.memory_cost = settings.ARGON2_MEMORY_KIB
        self.parallelism = 1  # lanes are threads, and starting them costs more than the hashing in tests
        return super().params()
