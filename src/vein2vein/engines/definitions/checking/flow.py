"""The operations form one acyclic, connected flow on every alternative."""

from __future__ import annotations

from datetime import timedelta

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.checking.findings import Findings
from vein2vein.engines.definitions.checking.paths import Path, paths_of, step_path


def check(findings: Findings) -> None:
    """Find alternatives without operations, rings, loose ends, and steps for an alternative that never comes."""
    definition = findings.definition
    if not definition.therapy.starting_materials:
        findings.add(
            "therapy.starting_materials",
            N_("no starting material is named"),
            N_("name at least one, as in fresh"),
        )
    for path in paths_of(definition):
        _check_path(findings, path)
    for operation in definition.process.operations:
        where = f"process.operations[{operation.id}]"
        if not operation.steps:
            findings.add(f"{where}.steps", N_("the operation has no steps"), N_("add its steps, or remove it"))
        if not operation.staff or any(one.count < 1 for one in operation.staff):
            findings.add(f"{where}.staff", N_("nobody works at this operation"), N_("name at least one person"))
        for step in operation.steps:
            if operation.when is not None and step.when not in {None, operation.when}:
                findings.add(
                    f"{step_path(operation, step)}.when",
                    N_("this step never comes: its operation is only for “%(when)s”"),
                    N_("remove the step, or its “when”"),
                    when=operation.when,
                )


def _check_path(findings: Findings, path: Path) -> None:
    if not path.operations:
        findings.add(
            f"therapy.starting_materials[{path.alternative}]",
            N_("no operation processes the starting material “%(name)s”"),
            N_("add operations for it, or remove it"),
            name=path.alternative,
        )
        return
    ring = [one for one in path.operations if one not in path.order]
    if ring:
        findings.add(
            f"process.operations[{ring[0]}].after",
            N_("operations come after each other in a ring: %(ring)s"),
            N_("remove one of their “after”"),
            ring=" → ".join(ring),
        )
        return
    _check_ends(findings, path)
    for one, links in path.after.items():
        for link in links:
            if link.within <= timedelta(0):
                findings.add(
                    f"process.operations[{one}].after[{link.operation}].within",
                    N_("a hold of no time cannot be kept"),
                    N_("write how long the material may wait, as in 2 h"),
                )


def _check_ends(findings: Findings, path: Path) -> None:
    starts = [one for one in path.order if not path.after[one]]
    followed = {link.operation for links in path.after.values() for link in links}
    ends = [one for one in path.order if one not in followed]
    for loose in starts[1:]:
        findings.add(
            f"process.operations[{loose}]",
            N_("for “%(alternative)s” this operation comes after none, so its hold is not bounded"),
            N_("say what it comes after, and within which time"),
            alternative=path.alternative,
        )
    for loose in ends[:-1]:
        findings.add(
            f"process.operations[{loose}]",
            N_("for “%(alternative)s” nothing comes after this operation, yet it is not the last"),
            N_("let another operation come after it"),
            alternative=path.alternative,
        )
