"""Planning's tests carry courses as the tests of orders do."""

from __future__ import annotations

from vein2vein.orders.tests.conftest import _worker_database, clock_at

__all__ = ["_worker_database", "clock_at"]
