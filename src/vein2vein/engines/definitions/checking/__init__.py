"""The checker: what keeps a definition from being approved."""

from vein2vein.engines.definitions.checking.check import check

__all__ = ["check"]
