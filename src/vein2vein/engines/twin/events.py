"""The calendar of coming events, compiled: a heap in two arrays, ordered by time, then patient, then operation.

A key holds patient, row and token in one whole number, so that its order is theirs; keys of resources that gain
capacity are negative and so come before every patient of the same moment.
"""

from __future__ import annotations

from vein2vein.engines.twin.machine import inlined
from vein2vein.engines.twin.table import MOST_ROWS, MOST_TOKENS, PATIENT_BIT, ROW_BIT, Floats, Ints


@inlined
def key_of(patient: int, row: int, token: int) -> int:
    """Return the key of a patient's event; `patient` -1 and `row` a resource is one that gains capacity."""
    return (patient << PATIENT_BIT) + (row << ROW_BIT) + token


def parts_of(key: int) -> tuple[int, int, int]:
    """Return patient, row and token of a key."""
    return key >> PATIENT_BIT, (key >> ROW_BIT) & (MOST_ROWS - 1), key & (MOST_TOKENS - 1)


@inlined
def push(ats: Floats, keys: Ints, size: int, at: float, key: int) -> None:
    """Put an event into a heap of `size` events; the arrays have room for it."""
    place = size
    while place > 0:
        above = (place - 1) >> 2
        if ats[above] < at or (ats[above] == at and keys[above] < key):
            break
        ats[place] = ats[above]
        keys[place] = keys[above]
        place = above
    ats[place] = at
    keys[place] = key


@inlined
def drop_first(ats: Floats, keys: Ints, size: int) -> None:
    """Take the first event out of a heap of `size` events."""
    last = size - 1
    at = ats[last]
    key = keys[last]
    place = 0
    while True:
        below = 4 * place + 1
        if below >= last:
            break
        least = below
        for one in range(below + 1, min(below + 4, last)):
            if ats[one] < ats[least] or (ats[one] == ats[least] and keys[one] < keys[least]):
                least = one
        if at < ats[least] or (at == ats[least] and key < keys[least]):
            break
        ats[place] = ats[least]
        keys[place] = keys[least]
        place = least
    ats[place] = at
    keys[place] = key
