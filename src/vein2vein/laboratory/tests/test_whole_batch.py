"""A batch's tests from the samples to the reviewed results."""

from __future__ import annotations

from decimal import Decimal

from vein2vein.laboratory import reads
from vein2vein.laboratory.models import Test
from vein2vein.laboratory.tests.assays import COUNTED, GOOD, Laboratory


def test_the_specification_is_planned_tested_and_reviewed(lab: Laboratory) -> None:
    planned = set(Test.objects.filter(batch=lab.batch).values_list("code", flat=True))
    assert planned == {*GOOD, *COUNTED, "car_positive_cells"}
    assert {"residual_b_cells", "residual_plasma_cells"} <= planned
    lab.finish()
    assert set(Test.objects.filter(batch=lab.batch).values_list("state", flat=True)) == {"reviewed"}
    dose = reads.reviewed_result(lab.batch.pk, "car_positive_cells")
    assert dose is not None
    assert (dose.computed, dose.raw_file_id) == (True, None)
    assert dose.value == Decimal("4000000") * Decimal("0.30") * 15
    assert dose.inputs["viable_cell_concentration"] == {"value": "4000000.000000000000", "unit": "cell/mL"}
