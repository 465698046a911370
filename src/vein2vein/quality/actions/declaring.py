"""The dose: declared from the result that the definition names, reckoned twice, the weight looked at again (N13)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.definitions import FormulaFault, Quantity, evaluate
from vein2vein.engines.definitions.formulas import names_in
from vein2vein.engines.definitions.vocabulary import DoseBasis
from vein2vein.laboratory.reads import formula_values, reviewed_result, standing_results
from vein2vein.manufacturing.reads import get_batch
from vein2vein.orders.rules import weight_blockers
from vein2vein.quality import facts, reads, rules
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.models import DeclaredDose

if TYPE_CHECKING:
    from vein2vein.laboratory.models import Result


@journal.action("quality.declare_dose", roles=[Role.QA_REVIEWER, Role.QUALIFIED_PERSON], signed=N_("dose declared"))
def declare_dose(*, batch_id: BatchId, by: Actor) -> DeclaredDose:
    """Declare by signature the dose of a batch from the reviewed result that its definition names.

    Refused where two reckonings differ, bags and result do not fit together, the weight is too old, or the dose is
    not what was ordered: less is declared only where the physician asks for a product that does not conform.
    """
    dossier = Dossier(get_batch(batch_id, by=by), by=by, at=journal.current().at)
    result = reviewed_result(batch_id, dossier.definition.therapy.dose.declared_from)
    if result is None or result.value is None:
        raise Refused(_no_result(dossier.definition.therapy.dose.declared_from))
    order = dossier.order
    dose = declared(dossier, result, result.value)
    refuse_any(
        [
            *weight_blockers(
                dossier.definition.therapy.eligibility,
                weight_kg=order.weight_kg,
                measured_at=order.weight_measured_at,
                at=dossier.at,
            ),
            *rules.dose_blockers(dose),
        ]
    )
    row = dose_row(dossier, dose, result)
    record_dose(row, dossier)
    return row


def dose_row(dossier: Dossier, dose: rules.Declared, result: Result) -> DeclaredDose:
    """Return the row of a dose, its cells shared out over its bags."""
    order, by = dossier.order, dossier.by
    amount, cells = rules.declare(dose)
    return DeclaredDose(
        batch=dossier.batch,
        order=order,
        result=result,
        total_cells=dose.total_cells.quantize(Decimal(1)),
        amount=amount,
        unit=order.dose_unit,
        ordered_amount=order.dose_amount,
        weight_kg=order.weight_kg,
        weight_measured_at=order.weight_measured_at,
        bags=[_bag(bag, each) for bag, each in zip(dose.bags, cells, strict=True)],
        declared_at=dossier.at,
        declared_by_id=by.account_id,
        declared_by_name=by.name,
    )


def record_dose(row: DeclaredDose, dossier: Dossier) -> None:
    """Write a declared dose down."""
    order, bags = dossier.order, row.bags
    journal.record(
        facts.DoseDeclared(
            dose_id=row.pk,
            batch_id=dossier.batch.pk,
            batch_number=dossier.batch.number,
            order_id=order.pk,
            result_id=row.result_id,
            test_code=dossier.definition.therapy.dose.declared_from,
            total_cells=row.total_cells,
            amount=row.amount,
            unit=order.dose_unit,
            weight_kg=order.weight_kg,
            weight_measured_at=order.weight_measured_at,
            bags=[bag["container_code"] for bag in bags],
        ),
        stream=f"coi:{dossier.batch.coi_id}",
        refs=[
            f"batch:{dossier.batch.pk}",
            f"order:{order.pk}",
            *(f"container:{bag['container_id']}" for bag in bags),
        ],
        inserts=[row],
    )


def _bag(bag: rules.Bag, cells: Decimal) -> dict[str, str]:
    return {
        "container_id": bag.container_id,
        "container_code": bag.code,
        "cells": str(cells),
        "volume_ml": str(bag.volume_ml),
    }


def _no_result(test: str) -> Blocker:
    return Blocker(
        code="quality.dose_result_missing",
        message=N_("The result that declares the dose, %(test)s, is not there or not reviewed"),
        field="dose",
        mend=N_("Have the test done and reviewed"),
        params={"test": test},
    )


def declared(dossier: Dossier, result: Result, total: Decimal) -> rules.Declared:
    """Return what the dose of a batch is declared from: a result, and the same computed anew."""
    order, dose = dossier.order, dossier.definition.therapy.dose
    again, volume = _again(dossier)
    return rules.Declared(
        total_cells=total,
        result_unit=result.unit,
        again_cells=again,
        volume_ml=volume,
        bags=tuple(
            rules.Bag(str(one.pk), one.code, one.volume_ml, one.viable_cells) for one in dossier.dose_containers()
        ),
        weight_kg=order.weight_kg,
        per_kg=dose.basis is DoseBasis.PER_KG,
        ordered=order.dose_amount,
        tolerance=dose.tolerance.to("1").magnitude,
        maximum_total=dose.maximum_total.to("cell").magnitude,
        lower_asked_for=reads.standing_request(dossier.batch.pk) is not None,
    )


def _again(dossier: Dossier) -> tuple[Decimal | None, Decimal | None]:
    """Return the cells computed anew from the reviewed results, and the volume (mL) that the formula takes."""
    code = dossier.definition.therapy.dose.declared_from
    rule = dossier.definition.specification.test(code)
    if rule is None or rule.formula is None:
        return None, None
    standing = standing_results(dossier.batch.pk)
    own = next((test for test, _ in standing if test.code == code), None)
    if own is None:
        return None, None
    values = formula_values(standing, own)
    try:
        found = evaluate(rule.formula.expression, values, "cell").magnitude
    except FormulaFault:
        found = Decimal(0)
    volumes = [
        values[name] for name in dict.fromkeys(names_in(rule.formula.expression)) if _is_volume(values.get(name))
    ]
    return found, volumes[0].to("mL").magnitude if len(volumes) == 1 else None


def _is_volume(value: Quantity | None) -> bool:
    return value is not None and value.unit in ("mL", "L", "uL")
