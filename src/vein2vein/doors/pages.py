"""What pages share: who is asking, and the forms in which actions are offered."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from vein2vein.core.actor import Actor
from vein2vein.core.ids import new_id
from vein2vein.core.refusals import N_, Blocker, NotAllowed
from vein2vein.core.uploads import Upload
from vein2vein.doors.labels import label, title
from vein2vein.doors.naming import roles_said
from vein2vein.doors.performing import spec_of
from vein2vein.doors.presenting import shown

SIGNED_OUT = Blocker("doors.signed_out", N_("Nobody is signed in"), mend=N_("Sign in first"))
_actor: Callable[[HttpRequest], Actor | None] | None = None


def register_actor_of(find: Callable[[HttpRequest], Actor | None]) -> None:
    """Install how a request's actor is found; called once at start-up by `web`."""
    global _actor  # noqa: PLW0603 - one process, one way to find out
    _actor = find


def actor_of(request: HttpRequest) -> Actor:
    """Return who is signed in, or raise `NotAllowed`."""
    found = None if _actor is None else _actor(request)
    if found is None:
        raise NotAllowed(SIGNED_OUT)
    return found


_PARAGRAPHS = frozenset(
    {
        "alternatives",
        "assessment",
        "comment",
        "conclusion",
        "correction",
        "description",
        "finding",
        "impact",
        "medical_assessment",
        "reason",
        "risk_evaluation",
        "root_cause",
        "treatment",
    }
)
"""Arguments that take more than a line."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of a form: its name, label, kind of input, choices, and the value shown."""

    name: str
    label: str
    kind: str
    required: bool
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as a page offers it: a form to fill, or the blockers that refuse it."""

    action: str
    title: str
    given: tuple[tuple[str, str], ...]
    fields: tuple[FormField, ...]
    blockers: tuple[dict[str, str], ...]
    signed: str
    witnessed: str
    key: str
    allowed: bool
    witness_needed: bool = True
    allowed_to: str = ""

    @property
    def has_file(self) -> bool:
        """Say whether the form carries a file."""
        return any(item.kind == "file" for item in self.fields)


def offer(
    action: str,
    *,
    by: Actor,
    given: Mapping[str, Any] | None = None,
    shows: Mapping[str, Any] | None = None,
    blockers: Sequence[Blocker] = (),
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> Offer:
    """Return the form of `action`: `given` arguments are fixed, `shows` are filled in but may be changed.

    `blockers` are the findings of the very rule that would refuse; `choices` offers values for a field.
    """
    spec = spec_of(action)
    fixed = {name: value for name, value in (given or {}).items() if value is not None}
    hints = get_type_hints(spec.body)
    fields = []
    for name, parameter in inspect.signature(spec.body).parameters.items():
        if name in ("by", "witness") or name in fixed:
            continue
        found = (choices or {}).get(name)
        value = (shows or {}).get(name, "")
        if value == "" and parameter.default not in (inspect.Parameter.empty, None):
            value = parameter.default
        required = parameter.default is inspect.Parameter.empty
        fields.append(_field(name, hints[name], required, _typed(value), found))
    return Offer(
        action=action,
        title=gettext(title(spec.verb)),
        given=tuple((name, _text(value)) for name, value in fixed.items()),
        fields=tuple(fields),
        blockers=tuple(shown(blocker) for blocker in blockers),
        signed=gettext(spec.signed) if spec.signed else "",
        witnessed=gettext(spec.witnessed) if spec.witnessed else "",
        key=str(new_id()),
        allowed=by.has_any(spec.roles),
        witness_needed=_witness_needed(spec.body),
        allowed_to=roles_said(spec.roles),
    )


def _typed(value: Any) -> str:
    """Return a value as somebody would type it: a time is local, without its zone."""
    return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else _text(value)


def _witness_needed(body: Callable[..., Any]) -> bool:
    witness = inspect.signature(body).parameters.get("witness")
    return witness is not None and witness.default is inspect.Parameter.empty


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list | tuple):
        return "\n".join(_text(one) for one in value)
    return "" if value is None else str(value)


def _field(name: str, hint: Any, required: bool, value: str, choices: Sequence[tuple[str, str]] | None) -> FormField:
    kind = "text"
    if get_origin(hint) in (Union, types.UnionType):
        inner = [one for one in get_args(hint) if one is not types.NoneType]
        hint, required = inner[0], False
    if choices is not None:
        return FormField(name, gettext(label(name)), "choice", required, value, tuple(choices))
    if name.endswith(("password", "pin")):
        return FormField(name, gettext(label(name)), "secret", required)
    base = getattr(hint, "__supertype__", hint)
    if isinstance(base, type) and issubclass(base, Enum):
        listed = tuple((str(one.value), gettext(str(one.value).replace("_", " "))) for one in base)
        return FormField(name, gettext(label(name)), "choice", required, value, listed)
    if get_origin(base) in (list, tuple):
        kind = "lines"
    elif name.startswith("scanned") or name.endswith("_scan"):
        kind = "scan"
    elif name in _PARAGRAPHS:
        kind = "paragraph"
    else:
        kinds = {
            bool: "tick",
            date: "date",
            datetime: "time",
            Decimal: "number",
            int: "whole",
            Upload: "file",
            UUID: "text",
        }
        kind = kinds.get(base, "text")
    return FormField(name, gettext(label(name)), kind, required, value)
