"""The fixtures of the attacks, for what comes in wrong through the doors."""

from tests.attack.conftest import _plain_files, _worker_database, attack, clock_at, ours

__all__ = ["_plain_files", "_worker_database", "attack", "clock_at", "ours"]
