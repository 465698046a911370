"""A treatment course on a simulated clock, as the tests of orders carry it."""

from __future__ import annotations

from vein2vein.orders.tests.conftest import _worker_database, clock_at, course

__all__ = ["_worker_database", "clock_at", "course"]
