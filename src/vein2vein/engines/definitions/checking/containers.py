"""One thread: every container comes from a known one, is labelled, on its COI, and checked by two where it counts."""

from __future__ import annotations

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.checking.paths import Path, paths_of, step_path
from vein2vein.engines.definitions.formulas import names_in
from vein2vein.engines.definitions.model.process import (
    Clear,
    Compute,
    Consume,
    Operation,
    Produce,
    Sample,
    Scan,
    Sign,
    Step,
)
from vein2vein.engines.definitions.vocabulary import LabelUse, ScanTarget, Verify


def check(findings: Findings) -> None:
    """Find containers from nowhere, containers used up or made twice, wrong labels, and missing checks."""
    for operation in findings.definition.process.operations:
        _check_operation(findings, operation)
    for path in paths_of(findings.definition):
        _check_path(findings, path)


def _check_operation(findings: Findings, operation: Operation) -> None:
    classes = {one.id: one for one in findings.definition.process.equipment_classes}
    where = f"process.operations[{operation.id}]"
    if operation.single_patient:
        if not classes[operation.equipment_class].workstation:
            findings.add(
                f"{where}.equipment_class",
                N_("a single-patient operation needs a workstation, and “%(name)s” is none"),
                N_("name an equipment class with workstation: true"),
                name=operation.equipment_class,
            )
        first = operation.steps[0]
        if not (isinstance(first, Clear) and first.equipment_class == operation.equipment_class):
            findings.add(
                f"{where}.steps[{first.id}]",
                N_("a single-patient operation begins with the line clearance of its workstation"),
                N_("put a step of kind clear, for %(name)s, first"),
                name=operation.equipment_class,
            )
    elif classes[operation.equipment_class].workstation:
        findings.add(
            f"{where}.single_patient",
            N_("a workstation holds one patient's material at a time"),
            N_("write single_patient: true"),
        )
    if operation.single_patient_room and not operation.single_patient:
        findings.add(
            f"{where}.single_patient_room",
            N_("a room is one patient's only while a single-patient operation is done in it"),
            N_("write single_patient: true, or leave single_patient_room out"),
        )
    for step in operation.steps:
        _check_step(findings, operation, step)


def _check_step(findings: Findings, operation: Operation, step: Step) -> None:
    where = step_path(operation, step)
    alone = step.verify is not Verify.SECOND_PERSON
    match step:
        case Clear() if alone or step.signature is None:
            findings.add(
                where,
                N_("a line clearance is signed and checked by a second person"),
                N_("add verify: second_person and signature: cleared"),
            )
        case Scan(identity=True) if alone:
            findings.add(
                where,
                N_("two people look at every identity check"),
                N_("add verify: second_person"),
            )
        case Scan():
            _check_scan(findings, where, step)
        case Produce():
            _check_produce(findings, where, step)
        case Sample() if step.count < 1 or step.volume.magnitude <= 0:
            findings.add(where, N_("nothing is taken"), N_("give a count and a volume above 0"))
        case Sample():
            _check_label(findings, f"{where}.label", step.label, LabelUse.SAMPLE)
        case Sign(signature=None):
            findings.add(where, N_("the signature has no meaning"), N_("add signature: and its meaning"))
        case _:
            pass


def _check_scan(findings: Findings, where: str, step: Scan) -> None:
    named = {
        ScanTarget.CONTAINER: step.container,
        ScanTarget.WORKSTATION: step.equipment_class,
        ScanTarget.EQUIPMENT: step.equipment_class,
        ScanTarget.LOT: step.material,
    }
    if named[step.target] is None:
        findings.add(
            where,
            N_("the scan does not say which %(target)s"),
            N_("name the container, equipment_class or material that is scanned"),
            target=step.target,
        )
    if step.identity and step.target is not ScanTarget.CONTAINER:
        findings.add(
            f"{where}.identity",
            N_("identity is checked on a container, not on %(target)s"),
            N_("remove identity, or scan a container"),
            target=step.target,
        )


def _check_pool(findings: Findings, where: str, step: Produce) -> None:
    parent = findings.definition.process.container(step.parent)
    if parent is not None and not parent.starting:
        findings.add(
            f"{where}.pools",
            N_("only what was collected is pooled, and “%(name)s” is no starting material"),
            N_("name a container role with starting: true as the parent, or leave pools out"),
            name=step.parent,
        )
    if not step.empties_parent or step.count != 1:
        findings.add(
            f"{where}.pools",
            N_("bags that are pooled are emptied into one container"),
            N_("write empties_parent: true and count: 1"),
        )
    if findings.definition.supply.back_up.container == step.parent:
        findings.add(
            f"{where}.pools",
            N_("the back-up copy would be pooled"),
            N_("keep another container back, or leave pools out"),
        )


def _check_produce(findings: Findings, where: str, step: Produce) -> None:
    role = findings.definition.process.container(step.container)
    final = role is not None and role.final
    _check_label(findings, f"{where}.label", step.label, LabelUse.FINAL_CONTAINER if final else LabelUse.INTERMEDIATE)
    if step.count < 1:
        findings.add(f"{where}.count", N_("nothing is made"), N_("make at least one container"))
    if (step.volume is None) != (step.unit is None):
        findings.add(where, N_("a volume and its unit go together"), N_("give both volume and unit, or neither"))
    if step.pools:
        _check_pool(findings, where, step)
    if final and step.verify is not Verify.SECOND_PERSON:
        findings.add(
            where,
            N_("a second person checks the label of the product container"),
            N_("add verify: second_person"),
        )
    if final:
        _check_fill(findings, step)
    if final and step.condition != findings.definition.therapy.storage.condition:
        findings.add(
            f"{where}.condition",
            N_("the product is kept at “%(product)s”, not at “%(found)s”"),
            N_("write the condition of therapy.yaml, storage"),
            product=findings.definition.therapy.storage.condition,
            found=step.condition,
        )


def _check_fill(findings: Findings, step: Produce) -> None:
    """The volume that holds the dose is computed again by a second person (N13)."""
    names = set(names_in(step.volume.expression)) if step.volume is not None else set[str]()
    for operation, earlier in findings.definition.process.all_steps():
        if isinstance(earlier, Compute) and earlier.value in names and earlier.verify is not Verify.SECOND_PERSON:
            findings.add(
                step_path(operation, earlier),
                N_("“%(value)s” fills the product container, and nobody computes it again"),
                N_("add verify: second_person"),
                value=earlier.value,
            )


def _check_label(findings: Findings, path: str, label_id: str, use: LabelUse) -> None:
    label = findings.definition.therapy.label(label_id)
    if label is not None and label.use is not use:
        findings.add(
            path,
            N_("the label “%(label)s” is for %(found)s, and %(wanted)s is made here"),
            N_("name a label whose use is %(wanted)s"),
            label=label_id,
            found=label.use,
            wanted=use,
        )


def _check_path(findings: Findings, path: Path) -> None:
    roles = {role.id: role for role in findings.definition.process.containers}
    rule = findings.definition.supply.starting_material(path.alternative)
    starting = {role.id for role in roles.values() if role.starting}
    alive = {rule.container} if rule is not None else set(starting)
    made, emptied, checked = set(alive), set[str](), set[str]()
    for operation, step in path.steps_in_order():
        where = step_path(operation, step)
        match step:
            case Scan(target=ScanTarget.CONTAINER, container=str(role)):
                _check_alive(findings, f"{where}.container", role, alive, emptied)
                if step.identity:
                    checked.add(role)
            case Consume(into=str(role)):
                _check_alive(findings, f"{where}.into", role, alive, emptied)
            case Sample(parent=parent):
                _check_alive(findings, f"{where}.parent", parent, alive, emptied)
            case Produce():
                _check_alive(findings, f"{where}.parent", step.parent, alive, emptied)
                _check_thread(findings, where, step, made, checked)
                made.add(step.container)
                alive.add(step.container)
                if step.empties_parent:
                    alive.discard(step.parent)
                    emptied.add(step.parent)
            case _:
                pass
    _check_made(findings, path, made)


def _check_alive(findings: Findings, path: str, role: str, alive: set[str], emptied: set[str]) -> None:
    if role in alive:
        return
    if role in emptied:
        message, remedy = N_("the container “%(role)s” was emptied before"), N_("name the container that followed it")
    else:
        message, remedy = N_("nothing makes the container “%(role)s” before this step"), N_("add a step that makes it")
    findings.add(path, message, remedy, role=role)


def _check_thread(findings: Findings, where: str, step: Produce, made: set[str], checked: set[str]) -> None:
    if step.container in made:
        findings.add(
            f"{where}.container",
            N_("the container “%(role)s” is made a second time"),
            N_("give it a container role of its own"),
            role=step.container,
        )
    if step.parent not in checked:
        findings.add(
            f"{where}.parent",
            N_("the parent “%(role)s” was not scanned as an identity check before"),
            N_("scan it first, with identity: true and verify: second_person"),
            role=step.parent,
        )


def _check_made(findings: Findings, path: Path, made: set[str]) -> None:
    for role in findings.definition.process.containers:
        if role.final and role.id not in made:
            findings.add(
                f"process.containers[{role.id}]",
                N_("for “%(alternative)s” no step makes the product container “%(role)s”"),
                N_("add a step of kind produce for it"),
                alternative=path.alternative,
                role=role.id,
            )
    if not any(role.final for role in findings.definition.process.containers):
        findings.add(
            "process.containers",
            N_("no container is the product"),
            N_("write final: true at the product's container role"),
        )
