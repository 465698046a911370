"""Containers: filled at the bedside, made from one another on the same chain, decided upon, used up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.facts import Fact
from vein2vein.core.ids import CoiId, ContainerId
from vein2vein.core.refusals import refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import facts, reads, rules, scans
from vein2vein.identity.actions.custody import opened, person
from vein2vein.identity.models import Chain, Container, Label, Parentage
from vein2vein.identity.states import (
    ENDED,
    ChainState,
    ContainerKind,
    ContainerState,
    Disposition,
    LabelState,
    Occasion,
)


def _find(container_id: ContainerId) -> Container:
    return reads.get_container_unscoped(container_id)


def _move(container: Container, verb: str, fact: Fact, **columns: Any) -> None:
    journal.transition(
        container,
        verb,
        fact,
        stream=f"coi:{container.coi_id}",
        refs=[f"container:{container.pk}"],
        **columns,
    )


@journal.action("identity.fill_container")
def fill_container(
    *,
    container_id: ContainerId,
    volume_ml: Decimal | None = None,
    viable_cells: Decimal | None = None,
    expires_at: datetime | None = None,
    donation_number: str = "",
    storage_en: str = "",
    storage_zh: str = "",
    by: Actor,
) -> Container:
    """Record that an expected container is filled and its label is on it; the donation number is scanned, set once.

    The storage is given where it turned out another than was expected.
    """
    container = _find(container_id)
    columns = _given(volume_ml=volume_ml, viable_cells=viable_cells, expires_at=expires_at)
    if donation_number:
        columns["donation_number"] = scans.donation_number(donation_number)
    if storage_en:
        columns |= {"storage_en": storage_en, "storage_zh": storage_zh}
    columns["made_at"] = journal.current().at
    label = reads.find_label_in_force(ContainerId(container.pk))
    if label is not None and label.state == LabelState.ACTIVATED:
        journal.transition(
            label,
            "use",
            facts.LabelUsed(coi_id=label.coi_id, label_id=label.pk, label=label.code, container=container.code),
            stream=f"coi:{label.coi_id}",
            refs=[f"container:{container.pk}"],
        )
    _move(
        container,
        "fill",
        facts.ContainerFilled(
            coi_id=container.coi_id,
            container_id=container.pk,
            container=container.code,
            volume_ml=volume_ml,
            viable_cells=viable_cells,
            expires_at=expires_at,
        ),
        **columns,
    )
    return container


def _given(**columns: Any) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value is not None}


@journal.action("identity.measure_container")
def measure_container(
    *,
    container_id: ContainerId,
    volume_ml: Decimal | None = None,
    viable_cells: Decimal | None = None,
    expires_at: datetime | None = None,
    by: Actor,
) -> Container:
    """Record a container's volume (mL), viable cells (total) or expiry, where they become known later."""
    container = _find(container_id)
    refuse_any(rules.hand_over_blockers([container.state]))
    columns: Mapping[str, Any] = _given(volume_ml=volume_ml, viable_cells=viable_cells, expires_at=expires_at)
    journal.record(
        facts.ContainerMeasured(
            coi_id=container.coi_id,
            container_id=container.pk,
            container=container.code,
            volume_ml=volume_ml,
            viable_cells=viable_cells,
            expires_at=expires_at,
        ),
        stream=f"coi:{container.coi_id}",
        refs=[f"container:{container.pk}"],
        changes=[(container, columns)],
    )
    return container


def said_of(on_label: rules.OnContainer | None) -> dict[str, Any]:
    """Return the columns of a container for what its label says of it."""
    return {} if on_label is None else asdict(on_label)


@journal.action("identity.derive_container")
def derive_container(
    *,
    parent_ids: list[ContainerId],
    kind: ContainerKind,
    role: str,
    volume_ml: Decimal | None = None,
    viable_cells: Decimal | None = None,
    expires_at: datetime | None = None,
    on_label: rules.OnContainer | None = None,
    by: Actor,
) -> Container:
    """Make a container from others of one chain, with its label, inside the step that makes it (N2).

    The chain is that of the parents and cannot be named; the label is in force from the start.
    """
    parents = [_find(parent_id) for parent_id in dict.fromkeys(parent_ids)]
    closed = Chain.objects.filter(pk__in={one.coi_id for one in parents}, state=ChainState.CLOSED).exists()
    refuse_any(rules.derive_blockers([reads.view_container(one) for one in parents], kind=kind, chain_open=not closed))
    at = journal.current().at
    container = Container(
        coi_id=parents[0].coi_id,
        code=issue(Kind.SAMPLE if kind is ContainerKind.SAMPLE else Kind.CONTAINER),
        kind=kind.value,
        role=role,
        state=ContainerState.ACTIVE.value,
        disposition=Disposition.QUARANTINED.value,
        volume_ml=volume_ml,
        viable_cells=viable_cells,
        made_at=at,
        expires_at=expires_at,
        **said_of(on_label),
    )
    label = Label(
        coi_id=container.coi_id,
        code=issue(Kind.LABEL),
        state=LabelState.USED.value,
        purpose=role,
        container_kind=kind.value,
        container_role=role,
        container=container,
        printed_at=at,
        activated_at=at,
    )
    parentages = [Parentage(coi_id=container.coi_id, child=container, parent=parent) for parent in parents]
    journal.record(
        facts.ContainerDerived(
            coi_id=container.coi_id,
            container_id=container.pk,
            container=container.code,
            kind=kind.value,
            role=role,
            parents=tuple(parent.pk for parent in parents),
            label_id=label.pk,
            label=label.code,
        ),
        stream=f"coi:{container.coi_id}",
        refs=[f"container:{one.pk}" for one in (container, *parents)],
        inserts=[container, *parentages, label, opened(container, person(by), at)],
    )
    return container


@journal.action("identity.set_disposition")
def set_disposition(*, container_id: ContainerId, disposition: Disposition, reason: str = "", by: Actor) -> Container:
    """Decide what may be done with a container's contents; called by whoever decides (receipt gate, disposition)."""
    container = _find(container_id)
    refuse_any(rules.disposition_blockers(reads.view_container(container), disposition))
    journal.record(
        facts.DispositionSet(
            coi_id=container.coi_id,
            container_id=container.pk,
            container=container.code,
            was=container.disposition,
            became=disposition.value,
            reason=reason,
        ),
        stream=f"coi:{container.coi_id}",
        refs=[f"container:{container.pk}"],
        changes=[(container, {"disposition": disposition.value})],
    )
    return container


@journal.action("identity.set_statement")
def set_statement(*, container_id: ContainerId, statement_en: str, statement_zh: str, by: Actor) -> Container:
    """Decide what a container's label must say beside all else; labels printed before do not say it."""
    container = _find(container_id)
    at = journal.current().at
    journal.record(
        facts.StatementSet(
            coi_id=container.coi_id,
            container_id=container.pk,
            container=container.code,
            statement_en=statement_en,
            statement_zh=statement_zh,
        ),
        stream=f"coi:{container.coi_id}",
        refs=[f"container:{container.pk}"],
        changes=[(container, {"statement_en": statement_en, "statement_zh": statement_zh, "stated_at": at})],
    )
    return container


@journal.action("identity.consume_container")
def consume_container(*, container_id: ContainerId, by: Actor) -> Container:
    """Record that a container's contents are used up; starting material must have been accepted."""
    container = _find(container_id)
    refuse_any(rules.consume_blockers(reads.view_container(container)))
    _move(
        container,
        "consume",
        facts.ContainerConsumed(coi_id=container.coi_id, container_id=container.pk, container=container.code),
    )
    return container


@journal.action("identity.thaw_container")
def thaw_container(*, container_id: ContainerId, by: Actor) -> Container:
    """Record that a container was thawed: product only when released and in date (N6); samples may always be."""
    container = _find(container_id)
    refuse_any(rules.thaw_blockers(reads.view_container(container), journal.current().at))
    _move(
        container,
        "thaw",
        facts.ContainerThawed(
            coi_id=container.coi_id, container_id=container.pk, container=container.code, kind=container.kind
        ),
    )
    return container


@journal.action("identity.mark_infused")
def mark_infused(*, container_id: ContainerId, by: Actor) -> Container:
    """Record that a product went back to the patient: released, thawed, matched by two people (N5, N6)."""
    container = _find(container_id)
    checked = reads.has_check(container.coi_id, Occasion.INFUSION, ContainerId(container.pk))
    refuse_any(rules.infuse_blockers(reads.view_container(container), checked=checked, at=journal.current().at))
    _move(
        container,
        "infuse",
        facts.ContainerInfused(coi_id=container.coi_id, container_id=container.pk, container=container.code),
    )
    return container


@journal.action("identity.destroy_container")
def destroy_container(*, container_id: ContainerId, reason: str, by: Actor) -> Container:
    """Record that a container was destroyed, and why."""
    container = _find(container_id)
    refuse_any(rules.reason_blockers(reason))
    _move(
        container,
        "destroy",
        facts.ContainerDestroyed(
            coi_id=container.coi_id, container_id=container.pk, container=container.code, reason=reason
        ),
    )
    return container


@journal.action("identity.quarantine_contents")
def quarantine_contents(*, coi_id: CoiId, reason: str, by: Actor) -> list[Container]:
    """Quarantine what is left of a chain's cells, for its course ended; return the containers that were in use."""
    wanted = [Disposition.ACCEPTED, Disposition.RELEASED]
    found = [one for one in reads.list_cells(coi_id) if one.disposition in wanted and one.state not in ENDED]
    for one in found:
        set_disposition(container_id=ContainerId(one.pk), disposition=Disposition.QUARANTINED, reason=reason, by=by)
    destroy_expected(coi_id=coi_id, reason=reason, by=by)
    return found


@journal.action("identity.destroy_expected")
def destroy_expected(*, coi_id: CoiId, reason: str, by: Actor) -> int:
    """Write off the containers of a chain that were labelled and are never filled; return how many."""
    expected = Container.objects.filter(coi_id=coi_id, state=ContainerState.EXPECTED).order_by("id")
    for one in expected:
        destroy_container(container_id=ContainerId(one.pk), reason=reason, by=by)
        label = reads.find_label_in_force(ContainerId(one.pk))
        if label is not None:
            journal.transition(
                label,
                "void",
                facts.LabelVoided(coi_id=label.coi_id, label_id=label.pk, label=label.code),
                stream=f"coi:{label.coi_id}",
                refs=[f"container:{one.pk}"],
                voided_at=journal.current().at,
            )
    return len(expected)
