"""process.yaml: the master batch record (主批生产记录), operations and their steps (ISA-88)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from vein2vein.core.actor import Role
from vein2vein.engines.definitions.formulas import Formula
from vein2vein.engines.definitions.model.spread import Spread
from vein2vein.engines.definitions.values import Limits, Quantity, Text
from vein2vein.engines.definitions.vocabulary import FileKind, Meaning, ScanTarget, StepKind, Verify


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentClass:
    """A class of equipment that an operation or step needs; `workstation` ones hold one patient at a time."""

    id: str
    name: Text
    workstation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRole:
    """What a container is in this process; `starting` ones arrive, `final` ones are the product."""

    id: str
    name: Text
    starting: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training that a step asks of whoever does it."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBase:
    """What every step has.

    `verify` asks for a second person, `signature` for a signature with that meaning, `training` for
    a training's id; `when` names the starting-material alternative that the step is for (None: all).
    """

    kind: ClassVar[StepKind]
    id: str
    text: Text
    role: Role
    verify: Verify = Verify.NONE
    signature: Meaning | None = None
    training: str | None = None
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruct(StepBase):
    """Do this, and say that it is done."""

    kind: ClassVar[StepKind] = StepKind.INSTRUCT


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(StepBase):
    """A question that must be answered with yes; a no is a deviation."""

    kind: ClassVar[StepKind] = StepKind.CHECK


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(StepBase):
    """Scan a container (of a role), a workstation or equipment (of a class), or a lot (of a material).

    `identity` marks the identity checks, at which two people look.
    """

    kind: ClassVar[StepKind] = StepKind.SCAN
    target: ScanTarget
    container: str | None = None
    equipment_class: str | None = None
    material: str | None = None
    identity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(StepBase):
    """Line clearance of a workstation: signed, and it opens the workstation to one COI."""

    kind: ClassVar[StepKind] = StepKind.CLEAR
    equipment_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(StepBase):
    """Measure a value, entered in `unit` with at most `decimals` places, against limits."""

    kind: ClassVar[StepKind] = StepKind.MEASURE
    value: str
    unit: str
    limits: Limits | None = None
    equipment_class: str | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute(StepBase):
    """Compute a value from earlier ones, given in `unit`, against limits."""

    kind: ClassVar[StepKind] = StepKind.COMPUTE
    value: str
    formula: Formula
    unit: str
    limits: Limits | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consume(StepBase):
    """Take a quantity of a material from a scanned lot into a container.

    `value` names the quantity for later formulas; `whole_units` rounds what is drawn up to whole
    vials or bags; `thaw_to_use` bounds the time since thaw.
    """

    kind: ClassVar[StepKind] = StepKind.CONSUME
    material: str
    quantity: Formula
    unit: str
    value: str | None = None
    into: str | None = None
    whole_units: bool = False
    thaw_to_use: timedelta | None = None
    single_thaw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Produce(StepBase):
    """Make `count` containers of a role from a parent, labelled on the parent's COI.

    `volume` is per container, in `unit`; `empties_parent` closes the parent container. With `pools` several bags of
    the parent's role, from several collections of the same patient, go into one.
    """

    kind: ClassVar[StepKind] = StepKind.PRODUCE
    container: str
    parent: str
    label: str
    condition: str
    count: int = 1
    volume: Formula | None = None
    unit: str | None = None
    empties_parent: bool = False
    pools: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(StepBase):
    """Take a labelled sample for tests.

    `name` is what the laboratory calls it; `culture` how long a satellite culture grows before it is tested.
    """

    kind: ClassVar[StepKind] = StepKind.SAMPLE
    sample: str
    parent: str
    label: str
    volume: Quantity
    condition: str
    serves: tuple[str, ...]
    name: Text | None = None
    count: int = 1
    culture: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(StepBase):
    """Let at least `minimum` and at most `maximum` pass since an earlier step was done."""

    kind: ClassVar[StepKind] = StepKind.WAIT
    since: str
    minimum: timedelta | None = None
    maximum: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach(StepBase):
    """Attach a file of a kind, in one of the media types."""

    kind: ClassVar[StepKind] = StepKind.ATTACH
    file: FileKind
    media_types: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(StepBase):
    """Sign for what was done; `signature` says what it means."""

    kind: ClassVar[StepKind] = StepKind.SIGN


Step = Instruct | Check | Scan | Clear | Measure | Compute | Consume | Produce | Sample | Wait | Attach | Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """How many people of a role an operation takes."""

    role: Role
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """An operation begins within `within` of another's end."""

    operation: str
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A unit operation; `when` names the alternative that it is for (None: all).

    With `single_patient_room` no other patient's material is worked on in the workstation's room meanwhile.
    """

    id: str
    name: Text
    equipment_class: str
    single_patient: bool
    staff: tuple[Staff, ...]
    duration: Spread
    after: tuple[After, ...] = ()
    when: str | None = None
    single_patient_room: bool | None = None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The whole of process.yaml."""

    equipment_classes: tuple[EquipmentClass, ...]
    containers: tuple[ContainerRole, ...]
    trainings: tuple[Training, ...]
    operations: tuple[Operation, ...]

    def all_steps(self) -> Iterator[tuple[Operation, Step]]:
        """Yield every step with its operation, in the order written."""
        for operation in self.operations:
            for step in operation.steps:
                yield operation, step

    @property
    def pools_material(self) -> bool:
        """Say whether the bags of several collections go into one: then a batch begins with all of them."""
        return any(isinstance(step, Produce) and bool(step.pools) for _, step in self.all_steps())

    def for_alternative(self, alternative: str) -> tuple[tuple[Operation, tuple[Step, ...]], ...]:
        """Return the operations and steps that apply to one starting-material alternative, in order."""
        return tuple(
            (operation, tuple(step for step in operation.steps if step.when in {None, alternative}))
            for operation in self.operations
            if operation.when in {None, alternative}
        )

    def operation(self, operation_id: str) -> Operation | None:
        """Return an operation by its id, or None."""
        return next((operation for operation in self.operations if operation.id == operation_id), None)

    def step(self, step_id: str) -> Step | None:
        """Return a step by its id (unique in the process), or None."""
        return next((step for _, step in self.all_steps() if step.id == step_id), None)

    def container(self, role_id: str) -> ContainerRole | None:
        """Return a container role by its id, or None."""
        return next((role for role in self.containers if role.id == role_id), None)
