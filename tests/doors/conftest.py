"""The fixtures of the attacks, for what comes in wrong through the doors."""

from tests.attack.conftest import _worker_database, attack, clock_at, ours
from tests.static_files import plain_static_files

__all__ = ["_worker_database", "attack", "clock_at", "ours", "plain_static_files"]
