"""How functions of the loop become machine code: kept on disk, without fast mathematics, without counting references.

Counting the references of every array that is touched took five sixths of the loop's time (ADR 0110). No compiled
function here makes or keeps an array, so that there is nothing to count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def alone(function: F) -> F:
    """Compile a function that is called from Python, or seldom."""
    return cast("F", cast("Any", njit)(cache=True, fastmath=False, _nrt=False)(function))


def inlined(function: F) -> F:
    """Compile a function into each of its callers."""
    return cast("F", cast("Any", njit)(cache=True, fastmath=False, _nrt=False, forceinline=True)(function))


def interpreted(function: F) -> F:
    """Return a compiled function as Python runs it: the same numbers, slowly."""
    return cast("F", cast("Any", function).py_func)
