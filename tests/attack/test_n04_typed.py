"""N4: a typed identity is refused at every scan; what cannot be scanned is entered twice, before a second person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attack.courses import Treatment
from tests.attack.doors import Attack
from vein2vein.identity.models import Label

pytestmark = pytest.mark.requirement("N4")
TYPED = ["ZM 1970-05-17", "DEMO-0001", "ring finger", "0", "WRB-"]


@pytest.fixture
def at_bedside(ours: Treatment) -> Treatment:
    ours.to("collecting")
    return ours


def _mistyped(code: str) -> str:
    """Return the code with two neighbours exchanged: the commonest slip of a typing hand."""
    for place in range(len(code) - 2, 4, -1):
        if code[place] != code[place - 1] and "-" not in code[place - 1 : place + 1]:
            return code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
    raise AssertionError(code)


@pytest.mark.parametrize("typed", TYPED)
def test_a_typed_wristband_opens_nothing(at_bedside: Treatment, attack: Attack, typed: str) -> None:
    label = at_bedside.label()
    given: dict[str, Any] = {"order_id": at_bedside.order.pk, "scanned_wristband": typed, "scanned_label": label}
    attack("codes.bad_code", "orders.activate_kit_label", "nurse.rj", **given)


def test_a_slip_of_the_hand_is_caught_by_the_check_character(at_bedside: Treatment, attack: Attack) -> None:
    label = at_bedside.label()
    given: dict[str, Any] = {
        "order_id": at_bedside.order.pk,
        "scanned_wristband": at_bedside.wristband,
        "scanned_label": label,
    }
    attack("codes.bad_code", "orders.activate_kit_label", "nurse.rj", **given | {"scanned_label": _mistyped(label)})
    wrong = given | {"scanned_wristband": _mistyped(at_bedside.wristband)}
    attack("codes.bad_code", "orders.activate_kit_label", "nurse.rj", **wrong)


def test_the_manual_path_needs_two_entries_and_two_people(at_bedside: Treatment, attack: Attack) -> None:
    label = at_bedside.label()
    given: dict[str, Any] = {
        "order_id": at_bedside.order.pk,
        "scanned_wristband": at_bedside.wristband,
        "scanned_label": label,
        "manual": True,
    }
    twice = [at_bedside.wristband, label]
    action = "orders.activate_kit_label"
    attack("identity.entered_differently", action, "nurse.rj", "nurse.rj2", **given)
    differing: dict[str, Any] = {"entered_again": [at_bedside.wristband, _mistyped(label)]}
    attack("identity.entered_differently", action, "nurse.rj", "nurse.rj2", **given, **differing)
    attack("identity.manual_unwitnessed", action, "nurse.rj", **given, entered_again=twice)
    attack("journal.own_witness", action, "nurse.rj", "nurse.rj", **given, entered_again=twice)
    done = attack.doors[1].act(action, "nurse.rj", "nurse.rj2", **given, entered_again=twice)
    assert done.done, done.text
    assert Label.objects.get(code=label).state == "activated"


@pytest.mark.parametrize("typed", TYPED[:3])
def test_a_typed_identity_passes_no_check(at_bedside: Treatment, attack: Attack, typed: str) -> None:
    given: dict[str, Any] = {"order_id": at_bedside.order.pk, "scanned_wristband": typed}
    attack("codes.bad_code", "orders.start_collection", "nurse.rj", "nurse.rj2", **given)
    checked: dict[str, Any] = {"occasion": "collection", "coi_id": at_bedside.order.coi_id, "scanned_wristband": typed}
    attack("codes.bad_code", "identity.record_identity_check", "nurse.rj", "nurse.rj2", **checked)
