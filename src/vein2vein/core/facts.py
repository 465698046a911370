"""Facts: the versioned records that journal entries carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform


class Fact:
    """What happened, in the past tense: a frozen record with a name and a version."""

    __slots__ = ()
    fact_name: ClassVar[str]
    fact_version: ClassVar[int]


FACTS: dict[str, type[Fact]] = {}
"""Every declared fact by "context.Name"."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(context: str, *, version: int = 1) -> Callable[[type[Any]], type[Any]]:
    """Declare a fact of `context`: a frozen, keyword-only dataclass, registered under "context.ClassName"."""

    def declare(cls: type[Any]) -> type[Any]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        name = f"{context}.{cls.__name__}"
        if name in FACTS and FACTS[name].__module__ != cls.__module__:
            raise ValueError(f"fact {name} is declared twice")
        made.fact_name, made.fact_version = name, version
        FACTS[name] = made
        return made

    return declare
