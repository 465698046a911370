"""Reading the thread: get_ (one, or `NotFound`), find_ (maybe none), list_.

A hospital sees its own patients only. What takes or returns a hospital number is no door's read: it would
stand in an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from vein2vein.core.actor import HOSPITAL_ROLES, Actor
from vein2vein.core.ids import CoiId, ContainerId, LabelId, PatientId, SiteId
from vein2vein.core.refusals import N_, Blocker, NotAllowed, NotFound
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import first_rows, page, read
from vein2vein.engines.codes import Kind, Scanned
from vein2vein.identity import rules, scans, secrecy
from vein2vein.identity.models import (
    Chain,
    Container,
    Custody,
    IdentityCheck,
    Kit,
    Label,
    Parentage,
    Patient,
    PatientNumber,
    Position,
)
from vein2vein.identity.states import IN_FORCE, ContainerKind, ContainerState, KitState, LabelKind, LabelState

ChainRow = Chain
KitRow = Kit
ContainerRow = Container
LabelRow = Label
"""A chain, a kit, a container, as contexts above name them; they import no models."""


def _missing(what: str, field: str) -> NotFound:
    return NotFound(
        Blocker(
            "identity.not_found",
            N_("There is no such %(what)s, or it is not of your site"),
            field=field,
            mend=N_("Scan it, or choose it from the list"),
            params={"what": what},
        )
    )


def find_patient_by_number(*, hospital_id: SiteId, hospital_number: str, by: Actor) -> Patient | None:
    """Return the hospital's patient who has, or had, this number; None for none, or for another hospital's actor."""
    if not by.sees(hospital_id):
        return None
    found = (
        PatientNumber.objects.select_related("patient")
        .filter(hospital_id=hospital_id, number_digest=secrecy.digest(hospital_id, hospital_number))
        .first()
    )
    return None if found is None else found.patient


def number_digests(hospital_number: str, *, by: Actor) -> list[str]:
    """Return under which digests the actor's own hospitals would know a number; none for who belongs to no hospital.

    The base's people see every site, but patients are known to them by codes only: for them there is nothing to find.
    """
    if by.sites is None or not by.has_any(HOSPITAL_ROLES):
        return []
    return [secrecy.digest(site_id, hospital_number) for site_id in sorted(by.sites, key=str)]


def get_patient(patient_id: PatientId, *, by: Actor) -> Patient:
    """Return a patient whom the actor may see, or raise `NotFound`."""
    found = Patient.objects.select_related("hospital").filter(pk=patient_id).first()
    if found is None or not by.sees(SiteId(found.hospital_id)):
        raise _missing("patient", "patient_id")
    return found


@dataclass(frozen=True, slots=True)
class Bedside:
    """The identifiers that are compared at the bedside; they stand on labels and wristbands and nowhere else."""

    hospital_number: str
    initials: str
    birth_date: date


def bedside_for_label(coi_id: CoiId) -> Bedside:
    """Return what a label of this chain shows of the patient; for printing only, never for a page, address or log."""
    chain = Chain.objects.select_related("patient").get(pk=coi_id)
    number = PatientNumber.objects.get(patient=chain.patient, current=True)
    return Bedside(secrecy.decrypt(number.number_encrypted), chain.patient.initials, chain.patient.birth_date)


def bedside(coi_id: CoiId, *, by: Actor) -> Bedside:
    """Return the bedside identifiers to the hospital's own people; raises `NotAllowed` to everybody else."""
    chain = get_chain_by_id(coi_id, by=by)
    if by.sites is None:
        raise NotAllowed(
            Blocker(
                "identity.hospital_only",
                N_("Only the patient's own hospital sees this"),
                field="coi",
                mend=N_("Work with the chain of identity instead"),
            )
        )
    return bedside_for_label(CoiId(chain.pk))


_CHAIN = Prepared(lambda coi_id: Chain.objects.select_related("patient", "patient__hospital").filter(pk=coi_id), UUID)


def get_chain_by_id(coi_id: CoiId, *, by: Actor) -> Chain:
    """Return a chain with its patient and hospital, or raise `NotFound`."""
    found = _CHAIN.first(coi_id)
    if found is None or not by.sees(SiteId(found.patient.hospital_id)):
        raise _missing("chain of identity", "coi")
    return found


@read("identity.get_chain")
def get_chain(*, coi: str, by: Actor) -> Chain:
    """Return the chain of identity with this code (scanned or shown) or id, with patient and hospital."""
    try:
        return get_chain_by_id(CoiId(UUID(coi)), by=by)
    except ValueError:
        code = scans.read_code(coi, (Kind.COI,), "coi").value
    found = Chain.objects.select_related("patient", "patient__hospital").filter(code=code).first()
    if found is None or not by.sees(SiteId(found.patient.hospital_id)):
        raise _missing("chain of identity", "coi")
    return found


@read("identity.list_chains")
def list_chains(*, limit: int = 50, after: UUID | None = None, newest: bool = False, by: Actor) -> list[Chain]:
    """Return the chains that the actor may see, oldest or newest first, behind the id `after`."""
    found = Chain.objects.select_related("patient").defer("label_sets")
    if by.sites is not None:
        found = found.filter(patient__hospital_id__in=by.sites)
    return page(found, limit, after, newest=newest)


def _visible(container: Container, by: Actor) -> bool:
    return by.sees(SiteId(container.coi.patient.hospital_id))


def get_container(container_id: ContainerId, *, by: Actor) -> Container:
    """Return a container with its chain, or raise `NotFound`."""
    found = Container.objects.select_related("coi", "coi__patient").filter(pk=container_id).first()
    if found is None or not _visible(found, by):
        raise _missing("container", "container")
    return found


_CONTAINER = Prepared(lambda container_id: Container.objects.select_related("coi").filter(pk=container_id), UUID)


def get_container_unscoped(container_id: ContainerId) -> Container:
    """Return a container whoever asks, for internal acts whose callers have looked at the scope; or `NotFound`."""
    found = _CONTAINER.first(container_id)
    if found is None:
        raise _missing("container", "container")
    return found


def container_scanned(scanned: str, field: str = "scanned_label") -> Container:
    """Return the container whose label in force was scanned, whoever asks: for gates that compare chains."""
    return scans.container(scanned, field).container


@read("identity.list_containers")
def list_containers(*, coi_id: CoiId, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Container]:
    """Return a chain's containers, oldest first, behind the id `after`."""
    get_chain_by_id(coi_id, by=by)
    return page(Container.objects.filter(coi_id=coi_id), limit, after)


@dataclass(frozen=True, slots=True)
class Relation:
    """A container (`child_id`) and the one that it came from."""

    child_id: UUID
    parent_id: UUID


@dataclass(frozen=True, slots=True)
class Genealogy:
    """All of a chain's containers, and which came from which."""

    coi: str
    containers: tuple[rules.ContainerView, ...]
    relations: tuple[Relation, ...]


@read("identity.get_genealogy")
def genealogy(*, coi_id: CoiId, by: Actor) -> Genealogy:
    """Return what came from what on a chain: traceable forwards and backwards."""
    chain = get_chain_by_id(coi_id, by=by)
    return Genealogy(
        chain.code,
        tuple(view_container(one) for one in Container.objects.filter(coi=chain).order_by("id")),
        tuple(Relation(one.child_id, one.parent_id) for one in Parentage.objects.filter(coi=chain).order_by("id")),
    )


def view_container(container: Container) -> rules.ContainerView:
    """Return a container as the rules see it."""
    return rules.ContainerView(
        container.pk, container.coi_id, container.kind, container.state, container.disposition, container.expires_at
    )


CELLS = (ContainerKind.STARTING_MATERIAL, ContainerKind.INTERMEDIATE, ContainerKind.FINAL_PRODUCT)
"""What a course is made of and given; samples and retains are not."""


def list_cells(coi_id: CoiId) -> list[Container]:
    """Return the containers of a chain that hold cells to be processed or given, oldest first, whoever asks."""
    return list(Container.objects.filter(coi_id=coi_id, kind__in=CELLS).order_by("id"))


def cells_there() -> QuerySet[Container]:
    """Return every container with cells that is neither used up nor destroyed, to be narrowed by the contexts above."""
    return Container.objects.filter(kind__in=CELLS, state__in=("active", "thawed"))


@dataclass(frozen=True, slots=True)
class ScannedThing:
    """What was scanned: its kind, its code, and what it is here; ids only where the actor may see them."""

    kind: str
    code: str
    coi_id: UUID | None = None
    coi: str = ""
    container_id: UUID | None = None
    container: str = ""
    label_id: UUID | None = None
    patient_id: UUID | None = None
    position_id: UUID | None = None
    state: str = ""


@read("identity.resolve_scan")
def resolve_scan(*, scanned: str, by: Actor) -> ScannedThing:
    """Say what was scanned: chain, wristband, label, container, kit or position; other kinds by their code."""
    code = scans.read_code(scanned, tuple(Kind), "scanned")
    if code.kind is Kind.COI:
        chain = get_chain(coi=code.value, by=by)
        return _on_chain(code, chain, chain.state)
    if code.kind in scans.CONTAINER_KINDS:
        found = scans.container(scanned, "scanned")
        container = get_container(ContainerId(found.container.pk), by=by)
        thing = _on_chain(code, container.coi, container.state, label_id=found.label.pk)
        return replace(thing, container_id=container.pk, container=container.code)
    if code.kind is Kind.WRISTBAND:
        band = scans.wristband(scanned, "scanned")
        return _on_chain(code, get_chain_by_id(CoiId(band.coi_id), by=by), band.state, label_id=band.pk)
    if code.kind is Kind.KIT:
        kit = Kit.objects.filter(code=code.value).first()
        if kit is None:
            raise _missing("kit", "scanned")
        return _on_chain(code, get_chain_by_id(CoiId(kit.coi_id), by=by), kit.state)
    if code.kind is Kind.POSITION:
        return ScannedThing(code.kind.value, code.value, position_id=get_position(code.value, by=by).pk)
    return ScannedThing(code.kind.value, code.value)


def _on_chain(code: Scanned, chain: Chain, state: str, label_id: UUID | None = None) -> ScannedThing:
    return ScannedThing(
        code.kind.value, code.value, chain.pk, chain.code, label_id=label_id, patient_id=chain.patient_id, state=state
    )


def find_label_in_force(container_id: ContainerId) -> Label | None:
    """Return the one label in force on a container."""
    return Label.objects.filter(container_id=container_id, state__in=IN_FORCE).first()


def labelled_containers(coi_id: CoiId) -> dict[str, bool]:
    """Return, for the code of each container of a chain, whether a label is in force on it."""
    labels = Label.objects.filter(container=OuterRef("pk"), state__in=IN_FORCE)
    rows = Container.objects.filter(coi_id=coi_id).order_by("id")
    return dict(rows.values_list("code", Exists(labels)))


def get_label_in_force(container_id: ContainerId) -> Label:
    """Return the one label in force on a container, or raise `NotFound`."""
    found = find_label_in_force(container_id)
    if found is None:
        raise _missing("label in force", "container")
    return found


def find_wristband_in_force(coi_id: CoiId) -> Label | None:
    """Return the wristband in force of a chain, or None."""
    return Label.objects.filter(coi_id=coi_id, kind=LabelKind.WRISTBAND, state__in=IN_FORCE).first()


def get_label(label_id: LabelId, *, by: Actor) -> Label:
    """Return a label with its container and kit, or raise `NotFound`."""
    found = Label.objects.select_related("coi__patient__hospital", "container", "kit").filter(pk=label_id).first()
    if found is None or not by.sees(SiteId(found.coi.patient.hospital_id)):
        raise _missing("label", "label_id")
    return found


@read("identity.list_labels")
def list_labels(*, coi_id: CoiId, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Label]:
    """Return the labels printed for a chain, oldest first, behind the id `after`."""
    get_chain_by_id(coi_id, by=by)
    return page(Label.objects.filter(coi_id=coi_id), limit, after)


def get_kit(kit_id: UUID, *, by: Actor) -> Kit:
    """Return a kit with its chain, or raise `NotFound`."""
    found = Kit.objects.select_related("coi__patient").filter(pk=kit_id).first()
    if found is None or not by.sees(SiteId(found.coi.patient.hospital_id)):
        raise _missing("kit", "kit_id")
    return found


@read("identity.list_kits")
def list_kits(*, coi_id: CoiId, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Kit]:
    """Return the kits printed for a chain, oldest first, behind the id `after`."""
    get_chain_by_id(coi_id, by=by)
    return page(Kit.objects.filter(coi_id=coi_id), limit, after)


def has_open_kit(coi_id: CoiId) -> bool:
    """Say whether a kit of this chain is not reconciled yet."""
    return Kit.objects.filter(coi_id=coi_id, state=KitState.PRINTED).exists()


@dataclass(frozen=True, slots=True)
class KitView:
    """A kit with its labels, in its order, and how many are in each state."""

    kit: Kit
    labels: tuple[Label, ...]
    count: rules.LabelCount


def list_kit_views(coi_id: CoiId, *, by: Actor) -> list[KitView]:
    """Return a chain's kits with their labels and containers."""
    return [
        KitView(
            kit,
            tuple(Label.objects.filter(kit=kit).select_related("container").order_by("ordinal", "printed_at")),
            count_labels(kit),
        )
        for kit in list_kits(coi_id=coi_id, limit=100, by=by)
    ]


def list_chain_labels(coi_id: CoiId) -> list[Label]:
    """Return every label of a chain with its container and kit: wristbands, kits, containers, each as printed."""
    rows = Label.objects.select_related("container", "kit").filter(coi_id=coi_id)
    return list(rows.order_by("kind", "printed_at", "ordinal", "id"))


@read("identity.list_open_kits")
def list_open_kits(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Kit]:
    """Return the kits that are not reconciled yet, of the chains that the actor may see, oldest first."""
    rows = Kit.objects.select_related("coi__patient__hospital").filter(state=KitState.PRINTED)
    if by.sites is not None:
        rows = rows.filter(coi__patient__hospital_id__in=by.sites)
    return page(rows, limit, after)


def list_container_labels(container_id: ContainerId) -> list[Label]:
    """Return every label that a container ever had, first to last."""
    return list(Label.objects.filter(container_id=container_id).order_by("printed_at", "id"))


def list_parents(container_id: ContainerId) -> list[Container]:
    """Return what a container was made from."""
    return list(Container.objects.filter(offspring__child_id=container_id).order_by("id"))


def expiry_of_chains(coi_ids: Iterable[UUID], kind: ContainerKind) -> dict[UUID, datetime]:
    """Return, for each chain that has one, when the first of its usable containers of a kind expires."""
    usable = Container.objects.filter(
        coi_id__in=list(coi_ids), kind=kind, state=ContainerState.ACTIVE, expires_at__isnull=False
    )
    return dict(usable.values_list("coi_id").annotate(at=Min("expires_at")))


def list_children(container_id: ContainerId) -> list[Container]:
    """Return what was made from a container."""
    return list(Container.objects.filter(parentages__parent_id=container_id).order_by("id"))


def count_labels(kit: Kit) -> rules.LabelCount:
    """Return how many of a kit's labels are in each state; labels printed again count as printed."""
    counted = Label.objects.filter(kit=kit).aggregate(
        all=Count("id"), **{state.value: Count("id", filter=Q(state=state)) for state in LabelState}
    )
    return rules.LabelCount(
        printed=counted["all"],
        spare=counted[LabelState.PRINTED.value],
        activated=counted[LabelState.ACTIVATED.value],
        used=counted[LabelState.USED.value],
        voided=counted[LabelState.VOIDED.value],
    )


def find_label_set(chain: Chain, *, set_id: str = "", use: str = "") -> rules.LabelSet | None:
    """Return what a definition's label, by id or by use, must show on this chain; None for no such label."""
    for one in chain.label_sets:
        if set_id == one["id"] or use == one["use"]:
            said = tuple(rules.Statement(**each) for each in one["statements"])
            return rules.LabelSet(one["id"], one["use"], tuple(one["languages"]), tuple(one["fields"]), said)
    return None


def donation_number(container_id: ContainerId) -> str:
    """Return the donation number of a container, or of what it came from; empty where the hospital gave none."""
    generation = list(Container.objects.filter(pk=container_id))
    while generation:
        found = sorted(one.donation_number for one in generation if one.donation_number)
        if found:
            return found[0]
        ids = [one.pk for one in generation]
        generation = list(Container.objects.filter(offspring__child_id__in=ids).distinct())
    return ""


def find_custody(container_id: ContainerId) -> Custody | None:
    """Return who or what has a container now."""
    return Custody.objects.filter(container_id=container_id, during__upper_inf=True).first()


def find_store(container_id: ContainerId) -> str:
    """Return the store (freezer, vapour tank) that holds a container now, by its code; "" where it is in none."""
    found = Custody.objects.select_related("position__equipment").filter(
        container_id=container_id, during__endswith__isnull=True
    )
    position = next((one.position for one in found if one.position is not None), None)
    return "" if position is None or position.equipment is None else str(position.equipment.code)


def get_custody(container_id: ContainerId) -> Custody:
    """Return who or what has a container now, or raise `NotFound`."""
    found = find_custody(container_id)
    if found is None:
        raise _missing("custodian", "container")
    return found


@read("identity.list_custody")
def list_custody(*, container_id: ContainerId, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Custody]:
    """Return in whose custody a container was, first to last."""
    get_container(container_id, by=by)
    found = Custody.objects.filter(container_id=container_id).order_by("during")
    if after is not None:
        # By time, not by id: ids of one millisecond have no order.
        found = found.filter(during__fully_gt=Custody.objects.filter(pk=after).values("during"))
    return first_rows(found, limit)


@read("identity.list_identity_checks")
def list_identity_checks(
    *, coi_id: CoiId, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[IdentityCheck]:
    """Return the checks of identity on a chain, first to last."""
    get_chain_by_id(coi_id, by=by)
    return page(IdentityCheck.objects.filter(coi_id=coi_id), limit, after)


def has_check(coi_id: UUID, occasion: str, container_id: ContainerId | None = None) -> bool:
    """Say whether two people checked identity on this occasion (for this container, where one is named)."""
    found = IdentityCheck.objects.filter(coi_id=coi_id, occasion=occasion)
    return (found if container_id is None else found.filter(container_id=container_id)).exists()


def get_position(code: str, *, by: Actor) -> Position:
    """Return a storage position by its code, or raise `NotFound`."""
    found = Position.objects.filter(code=code).first()
    if found is None or not by.sees(SiteId(found.site_id)):
        raise _missing("storage position", "scanned_position")
    return found


@read("identity.list_positions")
def list_positions(*, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Position]:
    """Return the storage positions that the actor may see."""
    found = Position.objects.all()
    return page(found if by.sites is None else found.filter(site_id__in=by.sites), limit, after)
