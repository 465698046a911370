"""Distinct types for identifiers, and the one place that draws new ones.

Ids are UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits, so that rows made
later sort later. A seeded source makes a simulated history reproducible.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NewType
from uuid import UUID

from vein2vein.core import clock

AccountId = NewType("AccountId", UUID)
AlertId = NewType("AlertId", UUID)
AuthorisationId = NewType("AuthorisationId", UUID)
BatchId = NewType("BatchId", UUID)
CoiId = NewType("CoiId", UUID)
ContainerId = NewType("ContainerId", UUID)
DateRequestId = NewType("DateRequestId", UUID)
DefinitionId = NewType("DefinitionId", UUID)
DeviationId = NewType("DeviationId", UUID)
DocumentId = NewType("DocumentId", UUID)
EquipmentId = NewType("EquipmentId", UUID)
LabelId = NewType("LabelId", UUID)
LotId = NewType("LotId", UUID)
ObligationId = NewType("ObligationId", UUID)
OrderId = NewType("OrderId", UUID)
PatientId = NewType("PatientId", UUID)
RequestId = NewType("RequestId", UUID)
DisruptionId = NewType("DisruptionId", UUID)
PlanId = NewType("PlanId", UUID)
ReservationId = NewType("ReservationId", UUID)
ResourceId = NewType("ResourceId", UUID)
ResultId = NewType("ResultId", UUID)
ShipmentId = NewType("ShipmentId", UUID)
SiteId = NewType("SiteId", UUID)
StepId = NewType("StepId", UUID)
TestId = NewType("TestId", UUID)

_seeded: ContextVar[random.Random | None] = ContextVar("seeded_ids", default=None)


def new_id() -> UUID:
    """Draw a fresh UUID version 7, from the seeded source where one is in force."""
    source = _seeded.get()
    bits = source.getrandbits(74) if source is not None else secrets.randbits(74)
    millis = int(clock.now().timestamp() * 1000) & ((1 << 48) - 1)
    value = (millis << 80) | (0x7 << 76) | ((bits >> 62) << 64) | (0b10 << 62) | (bits & ((1 << 62) - 1))
    return UUID(int=value)


def new_token(length: int) -> str:
    """Draw `length` characters of the unambiguous alphabet (no 0, O, 1, I, L), for serials a person may read."""
    alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    source = _seeded.get()
    if source is not None:
        return "".join(source.choice(alphabet) for _ in range(length))
    return "".join(secrets.choice(alphabet) for _ in range(length))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw ids from `seed` within the block, so that the same run makes the same history."""
    token = _seeded.set(random.Random(seed))  # noqa: S311 - reproducibility, not secrecy
    try:
        yield
    finally:
        _seeded.reset(token)
