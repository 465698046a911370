"""What doing a step means, for each of the closed set of step kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import singledispatch
from mimetypes import guess_type
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from vein2vein import journal
from vein2vein.core.ids import ContainerId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.definitions import FormulaFault, Quantity, evaluate
from vein2vein.engines.definitions.formulas import Formula
from vein2vein.engines.definitions.model.process import (
    Attach,
    Check,
    Clear,
    Compute,
    Consume,
    Instruct,
    Measure,
    Produce,
    Sample,
    Scan,
    Sign,
    StepBase,
    Wait,
)
from vein2vein.engines.definitions.vocabulary import ScanTarget
from vein2vein.identity import actions as identity
from vein2vein.identity.rules import OnContainer
from vein2vein.identity.states import ContainerKind
from vein2vein.manufacturing import facts, reads, rules
from vein2vein.manufacturing.actions.booking import book_equipment, book_station, give_back_equipment
from vein2vein.manufacturing.actions.scanning import container_for, equipment_for, lot_for, standing_at
from vein2vein.manufacturing.actions.situation import Situation
from vein2vein.manufacturing.models import Occupancy, RawAttachment
from vein2vein.manufacturing.states import Answer, LimitVerdict
from vein2vein.materials.actions import consume_lot
from vein2vein.materials.reads import get_scanned_lot

if TYPE_CHECKING:
    from vein2vein.materials.models import Lot


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person entered or scanned at a step; each kind takes what it needs."""

    value: Decimal | None = None
    unit: str = ""
    answer: Answer | None = None
    scanned: str | None = None
    lot_code: str | None = None
    equipment_code: str | None = None
    upload: Upload | None = None
    comment: str = ""
    pooled_with: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What is recorded for a step: columns of the recording, rows beside it, and what the fact says more."""

    columns: dict[str, Any] = field(default_factory=dict)
    inserts: list[models.Model] = field(default_factory=list)
    closing: list[tuple[Occupancy, dict[str, Any]]] = field(default_factory=list)
    operation_columns: dict[str, Any] = field(default_factory=dict)
    refs: list[str] = field(default_factory=list)
    container_codes: list[str] = field(default_factory=list)
    facts: list[journal.Fact] = field(default_factory=list)
    limits: str = ""
    value_name: str = ""


@singledispatch
def perform(step: StepBase, situation: Situation, entered: Entered) -> Outcome:
    """Do what the step's kind asks for and return what is to be recorded; refuses what the rules forbid."""
    raise AssertionError(f"{step.kind} is not a step kind")


@perform.register(Instruct)
@perform.register(Sign)
def _say(step: StepBase, situation: Situation, entered: Entered) -> Outcome:
    return Outcome()


@perform.register
def _check(step: Check, situation: Situation, entered: Entered) -> Outcome:
    if entered.answer is None:
        raise Refused(
            Blocker(
                code="manufacturing.answer_missing",
                message=N_("This question is answered with yes or no"),
                field="answer",
                mend=N_("Look, and answer"),
            )
        )
    verdict = LimitVerdict.ACTION if entered.answer is Answer.NO else LimitVerdict.WITHIN
    return Outcome(columns={"answer": entered.answer.value, "verdict": verdict})


@perform.register
def _scan(step: Scan, situation: Situation, entered: Entered) -> Outcome:
    if step.target is ScanTarget.CONTAINER:
        container = container_for(situation, entered.scanned)
        return Outcome(
            columns={"container": container, "scanned": container.code},
            refs=[f"container:{container.pk}"],
            container_codes=[container.code],
        )
    if step.target is ScanTarget.LOT:
        lot = lot_for(situation, entered.lot_code or entered.scanned)
        return Outcome(columns={"lot": lot, "scanned": lot.code, "named_values": lot.values}, refs=[f"lot:{lot.pk}"])
    equipment = equipment_for(situation, entered.equipment_code or entered.scanned)
    book_equipment(situation, equipment)
    return Outcome(columns={"equipment": equipment, "scanned": equipment.code}, refs=[f"equipment:{equipment.pk}"])


@perform.register
def _clear(step: Clear, situation: Situation, entered: Entered) -> Outcome:
    batch, at = situation.batch, situation.at
    station = equipment_for(situation, entered.equipment_code or entered.scanned)
    closing: list[tuple[Occupancy, dict[str, Any]]] = []
    for occupancy in standing_at(station):
        closing.append((occupancy, {"during": DateTimeTZRange(occupancy.during.lower, at)}))
        if occupancy.batch_id != batch.pk:
            give_back_equipment(occupancy.batch, station.pk, situation.by)
    book_station(situation, station)
    cleared = facts.LineCleared(
        batch_id=batch.pk,
        batch_number=batch.number,
        workstation_id=station.pk,
        workstation_code=station.code,
        coi_id=batch.coi_id,
    )
    return Outcome(
        columns={"equipment": station, "scanned": station.code},
        inserts=[Occupancy(workstation=station, batch=batch, coi=batch.coi, during=DateTimeTZRange(at, None))],
        closing=closing,
        operation_columns={"workstation": station},
        refs=[f"equipment:{station.pk}"],
        facts=[cleared],
    )


@perform.register
def _measure(step: Measure, situation: Situation, entered: Entered) -> Outcome:
    refuse_any(rules.value_blockers(entered.value, entered.unit, needed_unit=step.unit, decimals=step.decimals))
    found = _valued(step, Quantity(entered.value or Decimal(0), step.unit))
    if step.equipment_class is not None:
        equipment = equipment_for(situation, entered.equipment_code)
        found.columns["equipment"] = equipment
        found.refs.append(f"equipment:{equipment.pk}")
    return found


def _valued(step: Measure | Compute, value: Quantity) -> Outcome:
    return Outcome(
        columns={
            "value": value.magnitude,
            "unit": value.unit,
            "verdict": rules.judge(step.limits, value),
            "named_values": {step.value: named(value)},
        },
        limits=rules.show_limits(step.limits)[0],
        value_name=step.value,
    )


def named(value: Quantity) -> dict[str, str]:
    """Return a value as it is kept for later formulas."""
    return {"value": format(value.magnitude, "f"), "unit": value.unit}


def computed(step: Compute, values: Mapping[str, Quantity]) -> Quantity:
    """Return what a compute step's formula gives, rounded as the definition says, or refuse."""
    found = by_formula(step.formula, values, step.unit)
    return Quantity(rules.rounded(found.magnitude, step.decimals), step.unit)


def by_formula(formula: Formula, values: Mapping[str, Quantity], unit: str) -> Quantity:
    """Return what a formula gives in `unit`, or refuse with what is missing or impossible."""
    try:
        return evaluate(formula.expression, values, unit)
    except FormulaFault as fault:
        raise Refused(
            Blocker(
                code="manufacturing.not_computable",
                message=fault.message,
                field="formula",
                value=formula.text,
                mend=N_("Record the values that the formula uses, or correct them"),
                params=fault.params,
            )
        ) from fault


@perform.register
def _compute(step: Compute, situation: Situation, entered: Entered) -> Outcome:
    refuse_any(rules.typed_result_blockers(entered.value))
    return _valued(step, computed(step, situation.values))


@perform.register
def _consume(step: Consume, situation: Situation, entered: Entered) -> Outcome:
    refuse_any(rules.typed_result_blockers(entered.value))
    refuse_any(rules.scan_blockers("lot_code", entered.lot_code, step.material))
    container = container_for(situation, entered.scanned) if step.into is not None else None
    lot = get_scanned_lot(entered.lot_code or "")
    quantity = consume_quantity(step, situation, lot)
    holder = f"batch:{situation.batch.pk}"
    consume_lot(
        lot_code=lot.code,
        material_code=step.material,
        quantity=quantity.magnitude,
        unit=quantity.unit,
        market=situation.batch.market,
        holder=holder,
        whole_units=step.whole_units,
        thaw_to_use=step.thaw_to_use,
        single_thaw=step.single_thaw,
        by=situation.by,
    )
    named_values = dict(lot.values)
    if step.value is not None:
        named_values[step.value] = named(quantity)
    found = Outcome(
        columns={
            "value": quantity.magnitude,
            "unit": quantity.unit,
            "lot": lot,
            "scanned": lot.code,
            "named_values": named_values,
        },
        refs=[f"lot:{lot.pk}"],
        value_name=step.value or "",
    )
    if container is not None:
        found.columns["container"] = container
        found.container_codes.append(container.code)
        found.refs.append(f"container:{container.pk}")
    return found


def consume_quantity(step: Consume, situation: Situation, lot: Lot) -> Quantity:
    """Return how much of a lot a step takes: its formula, with the values that the lot carries."""
    carried = {name: Quantity(Decimal(one["value"]), one["unit"]) for name, one in lot.values.items()}
    return by_formula(step.quantity, {**situation.values, **carried}, step.unit)


@perform.register
def _produce(step: Produce, situation: Situation, entered: Entered) -> Outcome:
    parents = _pooled(step, situation, entered)
    role = situation.definition.process.container(step.container)
    final = role is not None and role.final
    volume = None if step.volume is None else by_formula(step.volume, situation.values, step.unit or "mL")
    kind = ContainerKind.FINAL_PRODUCT if final else ContainerKind.INTERMEDIATE
    expires_at = situation.at + situation.definition.therapy.storage.shelf_life if final else None
    made = [
        _derive(situation, parents, step, kind=kind, volume=volume, expires_at=expires_at) for _ in range(step.count)
    ]
    for parent in parents if step.empties_parent else ():
        identity.consume_container(container_id=ContainerId(parent.pk), by=situation.by)
    found = _derived(parents, made)
    if volume is not None:
        found.columns |= {"value": volume.magnitude, "unit": volume.unit}
    return found


@perform.register
def _sample(step: Sample, situation: Situation, entered: Entered) -> Outcome:
    parent = container_for(situation, entered.scanned)
    made = [
        _derive(situation, [parent], step, kind=ContainerKind.SAMPLE, volume=step.volume, expires_at=None)
        for _ in range(step.count)
    ]
    found = _derived([parent], made)
    batch = situation.batch
    found.facts.append(
        facts.SampleTaken(
            batch_id=batch.pk,
            batch_number=batch.number,
            order_id=batch.order_id,
            coi_id=batch.coi_id,
            definition_id=batch.definition_id,
            step_code=step.id,
            container_id=made[0].pk,
            container_code=made[0].code,
            container_ids=[one.pk for one in made],
            container_codes=[one.code for one in made],
            parent_code=parent.code,
            sample_code=step.sample,
            tests=list(step.serves),
            condition=step.condition,
            culture_until=None if step.culture is None else situation.at + step.culture,
            taken_at=situation.at,
            market=batch.market,
            route=batch.route,
        )
    )
    return found


def _pooled(step: Produce, situation: Situation, entered: Entered) -> list[Any]:
    """Return the scanned parents of a step: one, or all bags of this patient that the step pools into one (N2)."""
    refuse_any(rules.pool_blockers(entered.scanned or "", entered.pooled_with, pools=bool(step.pools)))
    first = container_for(situation, entered.scanned)
    others = [container_for(situation, code, "pooled_with") for code in entered.pooled_with]
    codes = [one.code for one in others]
    refuse_any(rules.pool_blockers(first.code, codes, pools=bool(step.pools)))
    return [first, *others]


def _derive(
    situation: Situation,
    parents: list[Any],
    step: Produce | Sample,
    *,
    kind: ContainerKind,
    volume: Quantity | None,
    expires_at: datetime | None,
) -> Any:
    return identity.derive_container(
        parent_ids=[ContainerId(one.pk) for one in parents],
        kind=kind,
        role=step.sample if isinstance(step, Sample) else step.container,
        volume_ml=None if volume is None else volume.to("mL").magnitude,
        expires_at=expires_at,
        on_label=_on_label(situation, step),
        by=situation.by,
    )


def _on_label(situation: Situation, step: Produce | Sample) -> OnContainer:
    """Return what the label of a container that a step makes says: the step's label, contents, storage and batch."""
    definition, batch = situation.definition, situation.batch
    condition = definition.supply.condition(step.condition)
    role = None if isinstance(step, Sample) else definition.process.container(step.container)
    code = step.sample if isinstance(step, Sample) else step.container
    return OnContainer(
        label_set=step.label,
        contents_en=code if role is None else role.name.en,
        contents_zh=code if role is None else role.name.zh,
        storage_en="" if condition is None else condition.name.en,
        storage_zh="" if condition is None else condition.name.zh,
        batch_number=batch.number,
        made_by_site_id=batch.site_id,
    )


def _derived(parents: list[Any], made: list[Any]) -> Outcome:
    codes = [one.code for one in made]
    scanned = ", ".join(one.code for one in parents)
    return Outcome(
        columns={"container": parents[0], "scanned": scanned, "made": codes},
        refs=[f"container:{one.pk}" for one in (*parents, *made)],
        container_codes=codes,
    )


@perform.register
def _wait(step: Wait, situation: Situation, entered: Entered) -> Outcome:
    batch = situation.batch
    row = batch.steps.filter(code=step.since).first()
    since = None if row is None else row.done_at
    if since is None:
        raise Refused(
            Blocker(
                code="manufacturing.earlier_step_open",
                message=N_("The step %(earlier)s comes first and is not done"),
                field="step_code",
                value=step.id,
                mend=N_("Do the steps in their order"),
                params={"earlier": step.since},
            )
        )
    refuse_any(rules.too_early_blockers(step.id, since, step.minimum, situation.at))
    running = reads.wait_clock(batch, situation.definition, step.id)
    clocks = [] if running is None else [running]
    refuse_any(rules.clock_blockers(clocks, situation.at))
    exceeded = any(one.exceeded(situation.at) for one in clocks)
    minutes = Decimal(int((situation.at - since).total_seconds() // 60))
    return Outcome(columns={"value": minutes, "unit": "min", "clock_exceeded": exceeded})


@perform.register
def _attach(step: Attach, situation: Situation, entered: Entered) -> Outcome:
    attachment = attached(step, situation, entered.upload)
    return Outcome(columns={"attachment": attachment}, inserts=[attachment])


def attached(step: Attach, situation: Situation, upload: Upload | None) -> RawAttachment:
    """Return an unsaved attachment for a step, or refuse a file that is missing, empty or of another kind."""
    if upload is None:
        raise Refused(
            Blocker(
                code="manufacturing.file_missing",
                message=N_("This step needs a file: %(file)s"),
                field="upload",
                mend=N_("Attach the file that the instrument wrote"),
                params={"file": step.file.value},
            )
        )
    media_type = guess_type(upload.filename)[0] or "application/octet-stream"
    refuse_any(rules.file_blockers(len(upload.content), media_type, step.media_types))
    return RawAttachment(
        batch=situation.batch,
        kind=step.file.value,
        filename=upload.filename,
        media_type=media_type,
        sha256=upload.sha256,
        size_bytes=len(upload.content),
        content=upload.content,
    )
