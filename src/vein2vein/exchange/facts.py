"""What the journal says about exchange."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("exchange")
class OrderBundleReceived(Fact):
    """A hospital's bundle became a drafted order."""

    says: ClassVar[str] = N_("Order bundle %(identifier)s received as order %(order_code)s")

    order_id: UUID
    order_code: str
    identifier: str
    digest: str
    prescriber: str


@fact("exchange")
class OrderBundleRepeated(Fact):
    """The same bundle came again; nothing was drafted a second time."""

    says: ClassVar[str] = N_("Order bundle %(identifier)s received again: it is order %(order_code)s already")

    order_id: UUID
    order_code: str
    identifier: str
