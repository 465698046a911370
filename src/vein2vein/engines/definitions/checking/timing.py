"""The critical path fits the shelf lives."""

from __future__ import annotations

from datetime import timedelta

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.checking.paths import Path, paths_of, step_path
from vein2vein.engines.definitions.model.process import Operation, Wait
from vein2vein.engines.definitions.values import say_span
from vein2vein.engines.definitions.vocabulary import Leg, Stage


def check(findings: Findings) -> None:
    """Find starting material, holds and product that cannot keep for as long as the way takes."""
    for path in paths_of(findings.definition):
        _check_starting(findings, path)
        for operation, step in path.steps_in_order():
            if isinstance(step, Wait):
                _check_wait(findings, path, operation, step)
    _check_product(findings)
    _check_bedside(findings)


def _check_starting(findings: Findings, path: Path) -> None:
    rule = findings.definition.supply.starting_material(path.alternative)
    if rule is None or not path.order:
        return
    first = path.operations[path.order[0]].duration.longest()
    for lane in findings.definition.supply.lanes:
        concerns = lane.leg is Leg.STARTING_MATERIAL and lane.alternative in {None, path.alternative}
        if concerns and lane.maximum + first > rule.maximum_age:
            findings.add(
                f"supply.starting_materials[{path.alternative}].maximum_age",
                N_("material that comes by “%(lane)s” is too old once it is received: %(needed)s are needed"),
                N_("shorten the lane, or lengthen maximum_age where stability allows"),
                lane=lane.id,
                needed=say_span(lane.maximum + first),
            )


def _check_wait(findings: Findings, path: Path, operation: Operation, step: Wait) -> None:
    begun = next((one for one, known in path.steps_in_order() if known.id == step.since), None)
    if begun is None:
        return
    where = step_path(operation, step)
    within = [begun.id] if begun.id == operation.id else _between(path, begun.id, operation.id)
    if step.minimum is not None:
        longest = sum(
            (path.operations[one].duration.longest() for one in {*within, begun.id, operation.id}), timedelta(0)
        )
        if step.minimum > longest + _holds(path, operation.id, begun.id):
            findings.add(
                f"{where}.minimum",
                N_("the operations end before this wait is over: they last %(longest)s at most"),
                N_("lengthen the operation's duration, or shorten the wait"),
                longest=say_span(longest),
            )
    if step.maximum is not None and begun.id != operation.id:
        shortest = sum((path.operations[one].duration.shortest() for one in within), timedelta(0))
        if shortest > step.maximum:
            findings.add(
                f"{where}.maximum",
                N_("the operations between take %(shortest)s at least, longer than this hold allows"),
                N_("lengthen the hold where stability allows, or shorten the operations"),
                shortest=say_span(shortest),
            )


def _between(path: Path, first: str, last: str) -> list[str]:
    return [one for one in path.ancestors[last] if first in path.ancestors[one]]


def _holds(path: Path, last: str, first: str) -> timedelta:
    chain = [last, *_between(path, first, last)]
    return sum((link.within for one in chain for link in path.after[one]), timedelta(0))


def _check_product(findings: Findings) -> None:
    definition = findings.definition
    release = [test.turnaround.longest() for test in definition.specification.tests if test.stage is Stage.RELEASE]
    needed = (
        max(release, default=timedelta(0))
        + definition.specification.review.longest()
        + definition.supply.product_shipment.maximum
        + definition.supply.bedside.lymphodepletion_before_maximum
    )
    if needed > definition.therapy.storage.shelf_life:
        findings.add(
            "therapy.storage.shelf_life",
            N_("tests, review, shipment and lymphodepletion take %(needed)s, longer than the product keeps"),
            N_("lengthen the shelf life where stability allows, or use faster tests"),
            needed=say_span(needed),
        )
    for lane in definition.supply.lanes:
        if lane.leg is Leg.PRODUCT and lane.maximum > definition.supply.product_shipment.maximum:
            findings.add(
                f"supply.lanes[{lane.id}].maximum",
                N_("the lane may take longer than a product shipment is allowed to"),
                N_("write at most product_shipment.maximum"),
            )
    for _, step in definition.process.all_steps():
        culture = getattr(step, "culture", None)
        for test in definition.specification.tests:
            if culture is not None and test.id in getattr(step, "serves", ()) and test.turnaround.shortest() < culture:
                findings.add(
                    f"specification.tests[{test.id}].turnaround",
                    N_("the result cannot come before the culture of “%(step)s” has ended"),
                    N_("lengthen the turnaround to the culture's time or more"),
                    step=step.id,
                )


def _check_bedside(findings: Findings) -> None:
    bedside = findings.definition.supply.bedside
    if bedside.thaw_maximum + bedside.infusion_maximum > bedside.thaw_to_infusion_end:
        findings.add(
            "supply.bedside.thaw_to_infusion_end",
            N_("thawing and infusing may take longer than the thawed product keeps"),
            N_("shorten the two, or lengthen the limit where stability allows"),
        )
    if bedside.lymphodepletion_before_minimum > bedside.lymphodepletion_before_maximum:
        findings.add(
            "supply.bedside.lymphodepletion_before_minimum",
            N_("the minimum is longer than the maximum"),
            N_("swap or correct the two"),
        )
