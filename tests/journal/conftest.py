"""An action and a fact that exist only in these tests, on a row that has no life of its own: a market."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar
from uuid import UUID

import pytest

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.facts import FACTS, Fact, fact
from vein2vein.core.ids import new_token
from vein2vein.network.models import Market

Act = Callable[..., Market]


@pytest.fixture(scope="module")
def market_named() -> Iterator[type[Fact]]:
    @fact("journal_test")
    class MarketNamed(Fact):
        says: ClassVar[str] = "Market %(code)s named"
        code: str

    yield MarketNamed
    del FACTS["journal_test.MarketNamed"]


@pytest.fixture
def name_market(market_named: Callable[..., Fact]) -> Iterator[Act]:
    """Insert a market when given none, else rename the one read as `read`; `silent` writes nothing, `fail` raises."""

    @journal.action("journal_test.name_market", roles={Role.SYSTEM})
    def name_market(
        *, market: UUID | None = None, read: str = "", name: str = "", reason: str = "", silent: bool = False, by: Actor
    ) -> Market:
        row = (
            Market(pk=market, name_en=read)
            if market
            else Market(code=new_token(10), name_en="A", name_zh="甲", agency="-")
        )
        if silent:
            return row
        if market is None:
            journal.record(market_named(code=row.code), stream=f"market:{row.id}", refs=["site:x"], inserts=[row])
        else:
            journal.record(
                market_named(code=row.code), stream=f"market:{row.id}", refs=[], changes=[(row, {"name_en": name})]
            )
        if name == "fail":
            raise LookupError("after writing")
        return row

    yield name_market
    del journal.ACTIONS["journal_test.name_market"]


@pytest.fixture
def by() -> Actor:
    return journal.system("test")
