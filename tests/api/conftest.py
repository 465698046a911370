"""The API in-process, with tokens of the demonstration's people."""

from __future__ import annotations

import pytest

from tests.attack.doors import Interface


@pytest.fixture
def interface(db: None) -> Interface:
    return Interface()
