"""The doors as an attacker uses them: page, API and command line, each taking the same typed arguments."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from click.testing import CliRunner
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from vein2vein import journal
from vein2vein.cli.acting import act
from vein2vein.core.refusals import Refusal
from vein2vein.core.uploads import Upload
from vein2vein.people import actions as people_actions
from vein2vein.people import reads as people
from vein2vein.people import signing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a door answered: HTTP status (exit codes are told as statuses), codes of the blockers, the whole text."""

    status: int
    codes: frozenset[str]
    text: str

    @property
    def done(self) -> bool:
        """Say whether the act was done."""
        return self.status < 400


class Door(Protocol):
    """A way in."""

    def act(self, action: str, by: str, second: str = "", **arguments: Any) -> Outcome:
        """Perform `action` as the user name `by`, signed and witnessed where that is asked for."""


def raw(value: Any) -> Any:
    """Return a typed argument as JSON that a door parses."""
    if isinstance(value, Upload):
        return {"filename": value.filename, "content_base64": base64.b64encode(value.content).decode()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: raw(one) for name, one in asdict(value).items()}
    if isinstance(value, list | tuple):
        return [raw(one) for one in value]
    return format(value, "f") if isinstance(value, Decimal) else str(value)


class Page:
    """Browsers of people who are signed in, each posting the form of the action's own page."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}

    def client(self, username: str) -> Client:
        """Return the browser of a person."""
        if username not in self._clients:
            client = Client()
            given: dict[str, Any] = {"username": username, "password": people.demonstration_password()}
            assert client.post("/sign-in", given).status_code == 302, username
            self._clients[username] = client
        return self._clients[username]

    def act(self, action: str, by: str, second: str = "", **arguments: Any) -> Outcome:
        """Post the form."""
        secret = people.demonstration_password()
        told: dict[str, Any] = {"_back": "/", "_signer": by, "_secret": secret}
        if second:
            told |= {"_witness": second, "_witness_secret": secret}
        for name, value in arguments.items():
            told[name] = self._field(value)
        answer = self.client(by).post(f"/act/{action}", told)
        codes = frozenset(re.findall(r'data-code="([^"]+)"', answer.content.decode()))
        return Outcome(answer.status_code, codes, answer.content.decode())

    def _field(self, value: Any) -> Any:
        if isinstance(value, Upload):
            return SimpleUploadedFile(value.filename, value.content)
        made = raw(value)
        if isinstance(made, bool):
            return "true" if made else ""
        if isinstance(made, list):
            return "\n".join(made)
        return "" if made is None else made


class Interface:
    """The REST API with each person's bearer token; signatures by one-use grants."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def token(self, username: str) -> str:
        """Return a bearer token of a person."""
        if username not in self._tokens:
            told: dict[str, Any] = {"label": "attack", "days": 1}
            who = people.actor_named(username)
            secret = people.demonstration_password()
            signed = signing.sign(who, username=username, secret=secret, action="people.issue_token", arguments=told)
            row = people_actions.issue_token(**told, by=signed)
            self._tokens[username] = people.reveal_token(token_id=row.pk, by=who)
        return self._tokens[username]

    def post(self, path: str, body: Any, by: str, **headers: str) -> Any:
        """Post JSON as a person."""
        return Client().post(
            f"/api/v1/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token(by)}"} | headers,
        )

    def get(self, path: str, by: str, **query: Any) -> Any:
        """Ask as a person."""
        return Client().get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {self.token(by)}"})

    def act(self, action: str, by: str, second: str = "", **arguments: Any) -> Outcome:
        """Sign where that is asked for, then post."""
        spec = journal.ACTIONS[action]
        body = {name: raw(value) for name, value in arguments.items() if value is not None}
        headers = {}
        wanted = [("Signature-Grant", by)] if spec.signed is not None else []
        wanted += [("Witness-Grant", second)] if second else []
        for header, who in wanted:
            signature: dict[str, Any] = {"action": action, "arguments": body, "username": who}
            given = self.post("signatures", signature | {"password": people.demonstration_password()}, who)
            if given.status_code != 200:
                return self._outcome(given)
            headers[header] = given.json()["grant"]
        path = f"{spec.context}/{spec.verb.replace('_', '-')}"
        return self._outcome(self.post(path, body, by, **headers))

    def _outcome(self, answer: Any) -> Outcome:
        told = answer.json()
        codes = frozenset() if answer.status_code < 400 else frozenset(one["code"] for one in told["blockers"])
        return Outcome(answer.status_code, codes, answer.content.decode())


class Command:
    """`vein2vein act`, with the passwords on standard input."""

    def act(self, action: str, by: str, second: str = "", **arguments: Any) -> Outcome:
        """Run the command."""
        secret = people.demonstration_password()
        with TemporaryDirectory() as folder:
            given = [
                f"{name}={self._text(value, Path(folder))}" for name, value in arguments.items() if value is not None
            ]
            options = ["--as", by, *(["--witness", second] if second else [])]
            ran = CliRunner().invoke(act, [*options, action, *given], input=f"{secret}\n{secret}\n")
        error = ran.exception
        if isinstance(error, Refusal):
            codes = frozenset(one.code for one in error.blockers)
            return Outcome(error.http_status, codes, str(error))
        assert error is None, (error, ran.output)
        return Outcome(200, frozenset(), ran.output)

    def _text(self, value: Any, folder: Path) -> str:
        if isinstance(value, Upload):
            path = folder / value.filename
            path.write_bytes(value.content)
            return f"@{path}"
        made = raw(value)
        return json.dumps(made) if isinstance(made, list | dict | bool) else str(made)


def everything() -> dict[str, str]:
    """Return a digest of every table of every context and of the journal: what a refused act must leave as it was.

    Sessions, tokens, grants and counted failures are not among them: to try is allowed to leave a trace there.
    """
    found = {}
    with connection.cursor() as cursor:
        for config in apps.get_app_configs():
            if not config.name.startswith("vein2vein.") or config.label in ("doors", "web"):
                continue
            for model in config.get_models(include_auto_created=True):
                if getattr(model, "journal_apart", False):
                    continue
                table = model._meta.db_table
                if table == "people_account":
                    continue  # when somebody last signed in
                cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM \"{table}\" t")
                found[table] = sha256(str(cursor.fetchone()[0]).encode()).hexdigest()
        cursor.execute("SELECT count(*), max(id) FROM journal_entry")
        found["journal entries"] = str(cursor.fetchone())
    return found


@dataclass
class Attack:
    """An act tried through every door."""

    doors: Sequence[Any]
    tried: list[Outcome] = field(default_factory=list)

    def __call__(
        self, code: str, action: str, by: str, second: str = "", /, *, absent: Sequence[str] = (), **arguments: Any
    ) -> None:
        """Require that every door refuses the act by `code`, shows nothing of `absent`, and leaves all as it was."""
        for door in self.doors:
            self._ready(door, [by, second] if second else [by])
            before = everything()
            outcome = door.act(action, by, second, **arguments)
            self.tried.append(outcome)
            what = (type(door).__name__, action, outcome.status, sorted(outcome.codes), outcome.text[-600:])
            assert code in outcome.codes, what
            assert outcome.status in (403, 404, 409, 422), what
            for text in absent:
                assert text not in outcome.text, what
            assert everything() == before, what

    def _ready(self, door: Any, usernames: Sequence[str]) -> None:
        """Let people sign in, or fetch their tokens, before the state is looked at."""
        for username in usernames:
            if isinstance(door, Interface):
                door.token(username)
            if isinstance(door, Page):
                door.client(username)


def changed(arguments: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """Return arguments with some of them replaced."""
    return {**arguments, **others}
