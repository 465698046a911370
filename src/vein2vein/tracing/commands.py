"""`./vein2vein trace CODE`: both ways from a lot, chain of identity, order, batch, container, equipment or person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from vein2vein.core import canonical
from vein2vein.core.refusals import Refusal
from vein2vein.tracing.reads import Thing, Touched, Trace
from vein2vein.tracing.states import Kind


@click.command(name="trace")
@click.argument("code")
@click.option("--as", "username", required=True, help="Who asks; the password is read from the terminal or input.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole trace as JSON.")
@click.option("--limit", default=200, show_default=True, help="The most courses listed.")
def trace(code: str, username: str, as_json: bool, limit: int) -> None:
    """Trace CODE both ways: the courses that it touched (of a lot, what its recall asks for), and all that touched it.

    CODE is what a scanner reads, or a lot number, batch number, equipment code or user name.
    """
    from vein2vein.people import signing
    from vein2vein.tracing import reads

    piped = not sys.stdin.isatty()
    secret = (
        sys.stdin.readline().rstrip("\n")
        if piped
        else str(click.prompt(f"password of {username}", hide_input=True, err=True))
    )
    by = signing.sign_in(username, secret)
    try:
        found = reads.trace(code=code, limit=limit, by=by)
    except Refusal as refusal:
        for blocker in refusal.blockers:
            click.echo(str(blocker), err=True)
        sys.exit(refusal.exit_code)
    click.echo(json.dumps(canonical.plain(found), ensure_ascii=False, indent=1) if as_json else "\n".join(_told(found)))


_TOLD = {
    Kind.LOT: "courses it touched",
    Kind.ACCOUNT: "courses on which this person acted",
    Kind.EQUIPMENT: "courses for which it was used",
}


def _told(found: Trace) -> Iterable[str]:
    subject = found.subject
    yield f"{subject.kind.value} {subject.code}  {subject.name}  {subject.state}".rstrip()
    if found.course is None and found.lots:
        yield from _things("lots it was made from and into", [one for one in found.lots if one.id != subject.id])
    yield f"\n{_TOLD.get(subject.kind, 'its course')}: {found.total}"
    for one in found.touched:
        yield from _course(one)
    if found.total > len(found.touched):
        yield f"  … and {found.total - len(found.touched)} more (--limit)"
    if found.course is not None:
        course = found.course
        for title, things in (
            ("lots", course.lots),
            ("people", course.people),
            ("equipment", course.equipment),
            ("rooms", course.rooms),
            ("containers", course.containers),
            ("batches", course.batches),
            ("shipments", course.shipments),
            ("sites", course.sites),
        ):
            yield from _things(title, things)


def _course(one: Touched) -> Iterable[str]:
    yield f"  {one.coi}  order {one.order} {one.order_state}  {one.hospital} {one.market}  [{one.standing.value}]"
    for batch in one.batches:
        yield f"    batch {batch.number} {batch.state}" + ("" if batch.touched else "  (not touched)")
    for dose in one.doses:
        yield f"    dose {dose.code} {dose.state} {dose.disposition}" + ("" if dose.in_dose else "  (not of the dose)")
    if one.notice:
        yield f"    recall notice: {one.notice}"
    for must in one.must:
        yield f"    in a recall: {must}"


def _things(title: str, things: Iterable[Thing]) -> Iterable[str]:
    listed = list(things)
    yield f"\n{title}: {len(listed)}"
    for one in listed:
        yield f"  {'  ' * one.depth}{one.code}  {one.name}  {one.state}  {one.place}".rstrip()
