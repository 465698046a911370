"""`vein2vein act` and `vein2vein ask`: every action and every read from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors.parsing import parse
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import present
from vein2vein.doors.reading import READS
from vein2vein.people import signing


def raw_arguments(body: Callable[..., Any], given: tuple[str, ...]) -> dict[str, Any]:
    """Return NAME=VALUE pairs as raw arguments; `@path` hands in a file, `[…]` and `{…}` are JSON."""
    hints = get_type_hints(body)
    found: dict[str, Any] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is not NAME=VALUE")
        if value.startswith("@"):
            found[name] = _file(name, Path(value[1:]))
        elif value[:1] in "[{" and value:
            found[name] = _json(name, value)
        elif _is_list(hints.get(name)):
            found[name] = [part for part in value.split(",") if part]
        else:
            found[name] = value
    return found


def _is_list(hint: Any) -> bool:
    return get_origin(hint) in (list, tuple) or any(get_origin(one) in (list, tuple) for one in get_args(hint))


def _json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise Refused(
            Blocker("cli.not_json", N_("This cannot be read: %(why)s"), name, value[:80], params={"why": str(error)})
        ) from None


def _file(name: str, path: Path) -> Upload:
    if not path.is_file():
        raise Refused(Blocker("cli.no_file", N_("There is no such file"), name, str(path), N_("Check the path")))
    with path.open("rb") as file:
        return Upload(path.name, file.read(LARGEST_BYTES + 1))


def _secret(prompt: str) -> str:
    stdin = sys.stdin
    if stdin.isatty():
        answer: str = click.prompt(prompt, hide_input=True, err=True)
        return answer
    line: str = stdin.readline()
    return line.rstrip("\n")


@click.command()
@click.argument("action", required=False)
@click.argument("arguments", nargs=-1)
@click.option("--as", "username", help="Who acts; the password is asked for, or read from standard input.")
@click.option("--witness", help="The second person, where one is needed; asked for in the same way.")
@click.option("--key", help="Idempotency key: the same key performs the same request once.")
def act(
    action: str | None, arguments: tuple[str, ...], username: str | None, witness: str | None, key: str | None
) -> None:
    """Perform ACTION with NAME=VALUE arguments (NAME=@file hands in a file); without ACTION, list all actions."""
    if action is None:
        for name, one in sorted(journal.ACTIONS.items()):
            if not one.internal:
                click.echo(f"{name:45} {(one.body.__doc__ or '').splitlines()[0]}")
        return
    if username is None:
        raise click.UsageError("--as USERNAME says who acts")
    spec = spec_of(action)
    secret = _secret(f"password of {username}")
    by = signing.sign_in(username, secret)
    typed = parse(spec.body, raw_arguments(spec.body, arguments))
    if spec.signed is not None:
        click.echo(f"{by.name} signs: {spec.signed}", err=True)
        by = signing.sign(by, username=username, secret=secret, action=action, arguments=typed, session="")
    second: Actor | None = None
    if spec.witnessed is not None and witness is not None:
        answer = _secret(f"password of {witness}")
        second = signing.witness(witness, secret=answer, action=action, arguments=typed, session="")
    done = perform(action, typed, by=by, witness=second, key=key)
    click.echo(json.dumps(done.body, ensure_ascii=False, indent=2))


@click.command()
@click.argument("read", required=False)
@click.argument("arguments", nargs=-1)
@click.option("--as", "username", help="Who asks; the password is asked for, or read from standard input.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write an answer that is a file.")
def ask(read: str | None, arguments: tuple[str, ...], username: str | None, out: Path | None) -> None:
    """Answer READ with NAME=VALUE arguments; without READ, list all reads."""
    if read is None:
        for name, one in sorted(READS.items()):
            click.echo(f"{name:45} {(one.body.__doc__ or '').splitlines()[0]}")
        return
    spec = READS.get(read)
    if spec is None:
        raise NotFound(Blocker("cli.no_read", N_("There is no such read"), field="read", value=read[:80]))
    if username is None:
        raise click.UsageError("--as USERNAME says who asks")
    by = signing.sign_in(username, _secret(f"password of {username}"))
    found = spec.run(**parse(spec.body, raw_arguments(spec.body, arguments)), by=by)
    if isinstance(found, Upload):
        target = out or Path(found.filename)
        target.write_bytes(found.content)
        click.echo(str(target))
        return
    click.echo(json.dumps(present(found), ensure_ascii=False, indent=2))
