"""What may be entered as a value, how it stands to its limits, and what rests on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.definitions.values import Limits, Quantity
from vein2vein.manufacturing.states import (
    Answer,
    LimitVerdict,
)

LARGEST = Decimal(10) ** 18
"""No count, volume or concentration at a bench is larger than this."""


def value_blockers(value: Decimal | None, unit: str, *, needed_unit: str, decimals: int | None) -> list[Blocker]:
    """Return why a measured value cannot be taken: none, wrong unit, too many places, or not possible in nature."""
    if value is None:
        return [_value("manufacturing.value_missing", N_("This step needs a value"), "value", "", N_("Enter it"))]
    if not value.is_finite():
        return [
            _value("manufacturing.value_impossible", N_("This is not a number"), "value", value, N_("Enter it again"))
        ]
    if unit != needed_unit:
        return [
            Blocker(
                code="manufacturing.unit_wrong",
                message=N_("The value is to be given in %(needed)s, not in “%(unit)s”"),
                field="unit",
                value=unit,
                mend=N_("Read the instrument in %(needed)s"),
                params={"needed": needed_unit, "unit": unit},
            )
        ]
    exponent = value.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    if decimals is not None and places > decimals:
        return [
            Blocker(
                code="manufacturing.too_many_decimals",
                message=N_("At most %(decimals)s decimal places are recorded here"),
                field="value",
                value=str(value),
                mend=N_("Enter the value as the instrument shows it"),
                params={"decimals": str(decimals)},
            )
        ]
    return possible_blockers(value, needed_unit)


def possible_blockers(value: Decimal, unit: str) -> list[Blocker]:
    """Return why a value cannot be: outside of what nature allows for its unit."""
    low, high = possible_range(unit)
    if low <= value <= high:
        return []
    return [
        Blocker(
            code="manufacturing.value_impossible",
            message=N_("%(value)s %(unit)s is not possible (%(low)s to %(high)s)"),
            field="value",
            value=str(value),
            mend=N_("Look again: a slip of the decimal point or a wrong line of the display"),
            params={"value": str(value), "unit": unit, "low": str(low), "high": str(high)},
        )
    ]


def possible_range(unit: str) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest value that nature allows in `unit` (from absolute zero, at most the whole)."""
    if unit == "%":
        return Decimal(0), Decimal(100)
    if unit == "pH":
        return Decimal(0), Decimal(14)
    if unit == "degC":
        return Decimal("-273.15"), Decimal(2000)
    if unit == "delta_degC":
        return Decimal(-2300), Decimal(2300)
    return Decimal(0), LARGEST


def _value(code: str, message: str, field: str, value: object, mend: str) -> Blocker:
    return Blocker(code=code, message=message, field=field, value=str(value), mend=mend)


def judge(limits: Limits | None, value: Quantity) -> LimitVerdict:
    """Return how `value` stands to its alert and action limits, bounds included; units must agree."""
    if limits is None or (limits.action is None and limits.alert is None):
        return LimitVerdict.NONE
    if limits.action is not None and not limits.action.holds(value):
        return LimitVerdict.ACTION
    if limits.alert is not None and not limits.alert.holds(value):
        return LimitVerdict.ALERT
    return LimitVerdict.WITHIN


def show_limits(limits: Limits | None) -> tuple[str, str]:
    """Write limits as a reader sees them, in English and in Chinese; nothing where there are none."""
    if limits is None:
        return "", ""
    found = (("action", "行动限", limits.action), ("alert", "警戒限", limits.alert))
    shown = [(english, chinese, one.written()) for english, chinese, one in found if one is not None]
    return (
        "; ".join(f"{english} {one}" for english, _, one in shown),
        "；".join(f"{chinese} {one}" for _, chinese, one in shown),
    )


def rounded(value: Decimal, decimals: int | None) -> Decimal:
    """Round a computed value half up to so many places; None leaves it."""
    return value if decimals is None else value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def comment_blockers(verdict: LimitVerdict, answer: str, comment: str) -> list[Blocker]:
    """Return that a comment is missing where a value is out of its action limits or a question is answered with no."""
    if comment.strip() or (verdict is not LimitVerdict.ACTION and answer != Answer.NO):
        return []
    return [
        Blocker(
            code="manufacturing.comment_missing",
            message=N_("What is out of limits needs a comment"),
            field="comment",
            mend=N_("Say what you saw and did; a deviation is opened and the batch is held"),
        )
    ]


def file_blockers(size: int, media_type: str, allowed: Sequence[str]) -> list[Blocker]:
    """Return why a file cannot be attached: empty, or of a kind that the step does not name."""
    if not size:
        return [_value("manufacturing.file_empty", N_("The file is empty"), "upload", "", N_("Attach the right file"))]
    if media_type in allowed:
        return []
    return [
        Blocker(
            code="manufacturing.file_kind",
            message=N_("This is a file of kind %(found)s; %(allowed)s is needed"),
            field="upload",
            value=media_type,
            mend=N_("Export it from the instrument in one of these formats"),
            params={"found": media_type, "allowed": ", ".join(allowed)},
        )
    ]


def typed_result_blockers(value: Decimal | None) -> list[Blocker]:
    """Refuse a typed result where the system computes it (N13)."""
    if value is None:
        return []
    return [
        Blocker(
            code="manufacturing.computed_not_typed",
            message=N_("This value is computed; it is never typed"),
            field="value",
            value=str(value),
            mend=N_("Leave the field empty"),
        )
    ]


def dependants(changed: str, formulas: Mapping[str, frozenset[str]]) -> list[str]:
    """Return, in the order of `formulas`, the steps whose names rest on value `changed`, directly or through others.

    `formulas` maps "step:value" (value may be empty) to the names that its formula uses, in the order of the process.
    """
    touched, found = {changed}, []
    for key, names in formulas.items():
        step, _, value = key.partition(":")
        if names & touched:
            found.append(step)
            if value:
                touched.add(value)
    return found
