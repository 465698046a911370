"""What quality does when others journal something: a deviation for what was not as it should be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId, OrderId, ResultId
from vein2vein.engines.assays import Status, assess
from vein2vein.journal import EntryView
from vein2vein.laboratory.cases import build_case
from vein2vein.manufacturing.reads import definition_of, get_batch, is_batch
from vein2vein.quality.actions import oblige_after_result, open_deviation, raise_alert
from vein2vein.quality.reads import final_disposition, find_deviation_of


def _involved(entry: EntryView) -> list[str]:
    """Return the accounts of whoever acted and signed."""
    signed = [str(one["account_id"]) for one in entry.payload.get("signatures", [])]
    return sorted({str(entry.payload["by"]["account"]), *signed})


@journal.follow("quality.open_deviations_of_steps", "manufacturing.StepRecorded", "manufacturing.StepCorrected")
def follow_steps(entry: EntryView, *, by: Actor) -> None:
    """Open a deviation for a step out of its limits, a question answered with no, or a hold time that had run out."""
    data = entry.data
    source = f"step:{data['step_id']}:{data['revision']}"
    out, late = bool(data["out_of_limits"]), bool(data.get("clock_exceeded"))
    if not (out or late) or find_deviation_of(source) is not None:
        return
    open_deviation(
        subject=f"Step {data['step_code']}",
        description=_what(data, out=out, late=late),
        batch_id=BatchId(UUID(data["batch_id"])),
        hold=out,
        source=source,
        involved=_involved(entry),
        by=by,
    )


def _what(data: dict[str, Any], *, out: bool, late: bool) -> str:
    shown = str(data.get("shown") or data.get("became") or "")
    parts = []
    if out:
        parts.append(f"{shown} out of limits ({data['limits']})" if data.get("limits") else f"answered: {shown}")
    if late:
        parts.append("after the hold time had run out")
    comment = str(data.get("comment") or data.get("reason") or "")
    return "; ".join([*parts, comment] if comment else parts)


@journal.follow("quality.open_deviations_of_clocks", "manufacturing.ClockRuled")
def follow_clocks(entry: EntryView, *, by: Actor) -> None:
    """Open a deviation for a hold time that had run out and was ruled on (N8); by the ruling the batch goes on."""
    data = entry.data
    source = f"clock:{data['batch_id']}:{data['subject']}"
    if find_deviation_of(source) is not None:
        return
    open_deviation(
        subject=f"Hold time at {data['subject']}",
        description=f"{data['elapsed']} where {data['limit']} is the limit; {data['decision']}: {data['reason']}",
        batch_id=BatchId(UUID(data["batch_id"])),
        hold=False,
        source=source,
        involved=_involved(entry),
        by=by,
    )


@journal.follow("quality.open_deviations_of_results", "laboratory.ResultReviewed")
def follow_results(entry: EntryView, *, by: Actor) -> None:
    """Open a deviation for a reviewed result that does not conform, of release and delayed tests alike."""
    data = entry.data
    source = f"result:{data['result_id']}"
    if find_deviation_of(source) is not None:
        return
    batch = get_batch(BatchId(UUID(data["batch_id"])), by=by)
    verdict = assess(build_case(batch, definition_of(batch), entry.performed_at.date()))
    line = next((one for one in verdict.lines if one.test == data["test_code"]), None)
    if line is None or line.status is not Status.FAIL:
        return
    open_deviation(
        subject=f"Result of {data['test_code']}",
        description=f"{data['shown']}: {line.why} ({line.limit})",
        batch_id=BatchId(batch.pk),
        hold=False,
        source=source,
        involved=_involved(entry),
        by=by,
    )


@journal.follow("quality.raise_alerts_of_results", "laboratory.ResultReviewed", holds=True)
def follow_late_results(entry: EntryView, *, by: Actor) -> None:
    """Look at a result that comes after the release: one that fails raises an alert (N17), an open one obliges."""
    data = entry.data
    final = final_disposition(UUID(data["batch_id"]))
    if final is None or not final.rfi_number:
        return
    batch = get_batch(BatchId(UUID(data["batch_id"])), by=by)
    verdict = assess(build_case(batch, definition_of(batch), entry.performed_at.date()))
    line = next((one for one in verdict.lines if one.test == data["test_code"]), None)
    if line is None:
        return
    if line.status is Status.FAIL:
        raise_alert(
            result_id=ResultId(UUID(data["result_id"])),
            batch_id=UUID(data["batch_id"]),
            test_code=data["test_code"],
            finding=data["shown"],
            limit=line.limit,
            by=by,
        )
    elif data["test_code"] in final.open_tests:
        oblige_after_result(result_id=ResultId(UUID(data["result_id"])), batch_id=UUID(data["batch_id"]), by=by)


@journal.follow("quality.open_deviations_of_lymphodepletion", "orders.LymphodepletionBeforeClearance")
def follow_lymphodepletion(entry: EntryView, *, by: Actor) -> None:
    """Open a deviation when lymphodepletion was begun although the product was not secured or not cleared (N12)."""
    data = entry.data
    source = f"lymphodepletion:{data['order_id']}"
    if find_deviation_of(source) is not None:
        return
    open_deviation(
        subject="Lymphodepletion before its clearance",
        description=f"Begun at {data['started_at']} while the order was {data['state']}",
        order_id=OrderId(UUID(data["order_id"])),
        hold=False,
        source=source,
        involved=_involved(entry),
        by=by,
    )


@journal.follow("quality.open_deviations_of_infusions", "orders.InfusionRecorded", "orders.InfusionRefused")
def follow_infusions(entry: EntryView, *, by: Actor) -> None:
    """Open a deviation for an infusion that was stopped, took too long, or was refused after the thaw."""
    data = entry.data
    refused = entry.fact == "orders.InfusionRefused"
    if not refused and data["end"] != "stopped" and data["within_limit"]:
        return
    bag = data["containers"] if refused else data["container_code"]
    source = f"infusion:{data['order_id']}:{entry.seq}"
    if find_deviation_of(source) is not None:
        return
    told = f"{data['cause']}: {data['reason']}" if refused else f"{data['end']}, {data['volume_ml']} mL"
    open_deviation(
        subject=f"Infusion of {bag}",
        description=told if refused or data["within_limit"] else f"{told}; beyond the time limit",
        order_id=OrderId(UUID(data["order_id"])),
        hold=False,
        source=source,
        involved=_involved(entry),
        by=by,
    )


@journal.follow("quality.open_deviations_of_recalls", "materials.LotRecalled")
def follow_recalls(entry: EntryView, *, by: Actor) -> None:
    """Open a deviation for each batch that a recalled lot went into, with a hold where the batch is not released."""
    data = entry.data
    for holder in data["used_by"]:
        kind, _, text = str(holder).partition(":")
        source = f"recall:{data['lot_id']}:{text}"
        if kind != "batch" or not is_batch(text) or find_deviation_of(source) is not None:
            continue
        open_deviation(
            subject=f"Recalled lot {data['number']} of {data['material_code']}",
            description=str(data["reason"]),
            batch_id=BatchId(UUID(text)),
            hold=True,
            source=source,
            by=by,
        )
