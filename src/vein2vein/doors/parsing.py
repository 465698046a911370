"""From what came through a door to typed arguments: every fault named with field, value and mend."""

from __future__ import annotations

import base64
import binascii
import inspect
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from django.utils import timezone
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.core.uploads import LARGEST_BYTES, Upload

LONGEST_TEXT = 20_000
FAR = 10**15


def _upload(value: object) -> Upload:
    if isinstance(value, Upload):
        found = value
    elif isinstance(value, Mapping) and isinstance(value.get("filename"), str):
        try:
            found = Upload(value["filename"], base64.b64decode(str(value.get("content_base64", "")), validate=True))
        except (binascii.Error, ValueError) as error:
            raise ValueError("content_base64 is not base64") from error
    else:
        raise ValueError("a file is an object with filename and content_base64")  # noqa: TRY004 - pydantic reads ValueError
    if len(found.content) > LARGEST_BYTES:
        raise ValueError(f"the file is larger than {LARGEST_BYTES // 1024 // 1024} MiB")
    if "\x00" in found.filename or len(found.filename) > 255:
        raise ValueError("the file's name cannot be used")
    return found


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("text with a NUL character cannot be kept")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"text is longer than {LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("text with half a character (a lone surrogate) cannot be kept") from error
    return value.strip()


def _number(value: Any) -> Any:
    if abs(value) > FAR:
        raise ValueError("the number is too large")
    return value


def _year(value: Any) -> Any:
    if not 1900 <= value.year <= 2200:
        raise ValueError("the year is not between 1900 and 2200")
    return value


def _decimal(value: object) -> object:
    if isinstance(value, float):
        return str(value)
    return value


_Upload = Annotated[
    Upload,
    PlainValidator(_upload),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"filename": {"type": "string"}, "content_base64": {"type": "string"}},
            "required": ["filename", "content_base64"],
        }
    ),
]
_INT_LIMIT = 2**31 - 1


def _small(value: int) -> int:
    if abs(value) > _INT_LIMIT:
        raise ValueError("the number is too large")
    return value


_REPLACED: dict[Any, Any] = {
    Upload: _Upload,
    str: Annotated[str, AfterValidator(_text)],
    int: Annotated[int, AfterValidator(_small)],
    Decimal: Annotated[Decimal, BeforeValidator(_decimal), AfterValidator(_number)],
    datetime: Annotated[AwareDatetime, AfterValidator(_year)],
    date: Annotated[date, AfterValidator(_year)],
}


def checked(hint: Any) -> Any:
    """Return `hint` with each plain type in it replaced by the one that also checks what no column could hold."""
    if hint in _REPLACED:
        return _REPLACED[hint]
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return Union[tuple(checked(one) for one in get_args(hint))]  # noqa: UP007 - made at run time
    if origin in (list, tuple, set, frozenset, dict):
        return origin[tuple(checked(one) if one is not ... else one for one in get_args(hint))]
    return hint


@cache
def model_of(body: Callable[..., Any]) -> type[BaseModel]:
    """Return the pydantic model of a function's arguments, without the people (`by`, `witness`)."""
    hints = get_type_hints(body)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(body).parameters.items():
        if name in ("by", "witness"):
            continue
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (checked(hints[name]), default)
    title = "".join(part.capitalize() for part in body.__name__.split("_"))
    return create_model(title, __config__=ConfigDict(extra="forbid", protected_namespaces=()), **fields)


_MESSAGES = {
    "missing": (N_("This is required"), N_("Give a value")),
    "extra_forbidden": (N_("Nothing of this name is known here"), N_("Leave it out, or check its spelling")),
    "enum": (N_("This is not one of the values that are possible"), N_("Choose one of: %(expected)s")),
    "decimal_parsing": (N_("This is not a number"), N_("Write digits with a point, such as 72.5")),
    "decimal_type": (N_("This is not a number"), N_("Write digits with a point, such as 72.5")),
    "int_parsing": (N_("This is not a whole number"), N_("Write digits only")),
    "uuid_parsing": (N_("This is not an identifier of this system"), N_("Scan or choose it instead of typing")),
    "timezone_aware": (N_("The time has no zone"), N_("Add the zone, such as +08:00")),
}
_OTHERWISE = (N_("This cannot be read: %(why)s"), N_("Correct the value"))


def blockers_of(error: ValidationError) -> list[Blocker]:
    """Return one blocker for each fault that pydantic found."""
    found = []
    for fault in error.errors(include_url=False):
        message, mend = _MESSAGES.get(fault["type"], _OTHERWISE)
        given = fault.get("input")
        shown = "" if fault["type"] == "missing" or isinstance(given, Mapping | Upload) else str(given)[:80]
        found.append(
            Blocker(
                code=f"doors.{fault['type']}",
                message=message,
                field=".".join(str(part) for part in fault["loc"] if not str(part).startswith("function-")),
                value=shown.replace("\x00", "\\0"),
                mend=mend,
                params={"why": fault["msg"], "expected": str(fault.get("ctx", {}).get("expected", ""))},
            )
        )
    return found


def parse(body: Callable[..., Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed arguments for `body` from `raw`, defaults filled in; raises `Refused` naming each fault."""
    try:
        made = model_of(body).model_validate(dict(raw))
    except ValidationError as error:
        raise Refused(blockers_of(error)) from None
    return {name: getattr(made, name) for name in type(made).model_fields}


def parse_form(body: Callable[..., Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Like `parse`, for what a form sends: an empty field is one not given; a local time is of the page's zone."""
    given = {name: value for name, value in raw.items() if value != ""}
    hints = get_type_hints(body)
    for name, value in given.items():
        hint = hints.get(name)
        if isinstance(value, str) and (hint is datetime or datetime in get_args(hint)):
            given[name] = _with_zone(value)
    return parse(body, given)


def _with_zone(value: str) -> str:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if found.tzinfo is not None else timezone.make_aware(found).isoformat()
