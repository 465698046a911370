"""The API: one operation for each action and each read, tokens or a session, problem+json for every refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.params.functions import Body, Query
from ninja.security import HttpBearer
from pydantic import BaseModel

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, NotAllowed, Refusal, Refused
from vein2vein.core.uploads import Upload
from vein2vein.doors.middleware import answer
from vein2vein.doors.parsing import model_of, parse
from vein2vein.doors.performing import perform, spec_of
from vein2vein.doors.presenting import present, problem
from vein2vein.doors.reading import READS, ReadSpec
from vein2vein.people import reads as people
from vein2vein.people import signing


class Token(HttpBearer):
    """A bearer token of an account."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002 - as ninja calls it
        """Return the actor of the token, or None when it is unknown, expired or revoked."""
        account_id = people.account_of_token(token)
        return None if account_id is None else people.actor_for(account_id)


class BlockerBody(Schema):
    """One thing that stands in the way."""

    code: str
    field: str
    label: str
    value: str
    message: str
    mend: str


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    blockers: list[BlockerBody]


class SignatureRequest(Schema):
    """What is to be signed, and the secret that signs it."""

    action: str
    arguments: dict[str, Any]
    username: str
    password: str


REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
# Given as text, not as models: seven models for each of some two hundred operations took a second of every start.
ANSWERS: dict[str, Any] = {
    "responses": {
        200: {"content": {"application/json": {"schema": {"title": "Response"}}}},
        **{
            status: {
                "description": HTTPStatus(status).phrase,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status in REFUSALS
        },
    }
}
api = NinjaAPI(
    title="vein2vein",
    version="1",
    description="Every action and every read of the system. Actions are POST, reads are GET.",
    auth=Token(),
    docs_url=None,
)


def _problem(status: int, blocker: Blocker) -> HttpResponse:
    body = problem(Refused(blocker)) | {"status": status}
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return answer(request, refusal)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    blockers = [
        Blocker(
            code=f"doors.{fault['type']}",
            message=N_("This cannot be read: %(why)s"),
            field=".".join(str(part) for part in fault["loc"][1:]),
            mend=N_("Correct the value"),
            params={"why": str(fault["msg"])},
        )
        for fault in error.errors
    ]
    return _refused(request, Refused(blockers))


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001
    response = _problem(401, Blocker("api.no_token", N_("The request carries no valid token"), field="Authorization"))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001
    blocker = Blocker("api.bad_request", N_("This cannot be read: %(why)s"), params={"why": error.message})
    return _problem(error.status_code, blocker)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:  # noqa: ARG001
    return _problem(404, Blocker("api.nothing_here", N_("There is nothing at this address"), value=request.path))


def _late(request: HttpRequest, witness: Actor | None) -> journal.LateEntry | None:
    at = request.headers.get("Performed-At")
    if at is None:
        return None
    try:
        performed_at = datetime.fromisoformat(at)
    except ValueError:
        performed_at = None
    if performed_at is None or performed_at.tzinfo is None:
        raise Refused(
            Blocker(
                "api.performed_at",
                N_("This is not a time with a zone"),
                field="Performed-At",
                value=at[:40],
                mend=N_("Write it as 2026-03-01T09:30:00+08:00"),
            )
        )
    if witness is None:
        raise NotAllowed(
            Blocker(
                "api.late_without_witness",
                N_("A late entry needs a witness"),
                field="Witness-Grant",
                mend=N_("Let a second person sign it"),
            )
        )
    return journal.LateEntry(performed_at, request.headers.get("Late-Reason", ""), witness)


def _answer(value: Any) -> HttpResponse:
    if isinstance(value, Upload):
        response = HttpResponse(value.content, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{value.filename}"'
        return response
    return JsonResponse(present(value), safe=False)


def _arguments(made: BaseModel) -> dict[str, Any]:
    return {name: getattr(made, name) for name in type(made).model_fields}


class _Asked(HttpRequest):
    """A request whose bearer is known: what ninja's authentication returned stands on it."""

    auth: Actor


def _act(spec: journal.ActionSpec) -> Callable[..., HttpResponse]:
    def operation(request: _Asked, body: Any) -> HttpResponse:
        by = request.auth
        if grant := request.headers.get("Signature-Grant"):
            by = by.signing(grant)
        token = request.headers.get("Witness-Grant")
        witness = None if token is None else signing.bearer_of(token)
        answer = perform(
            spec.name,
            _arguments(body),
            by=by,
            witness=witness,
            key=request.headers.get("Idempotency-Key"),
            late=_late(request, witness),
        )
        response = JsonResponse(answer.body, safe=False)
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response

    operation.__annotations__ = {"request": HttpRequest, "body": model_of(spec.body), "return": HttpResponse}
    operation.__defaults__ = (Body(...),)
    operation.__name__ = spec.name.replace(".", "_")
    return operation


def _ask(spec: ReadSpec) -> Callable[..., HttpResponse]:
    def operation(request: _Asked, given: Any) -> HttpResponse:
        return _answer(spec.run(**_arguments(given), by=request.auth))

    operation.__annotations__ = {"request": HttpRequest, "given": model_of(spec.body), "return": HttpResponse}
    operation.__defaults__ = (Query(...),)
    operation.__name__ = spec.name.replace(".", "_")
    return operation


def _mount() -> None:
    for name, spec in sorted(journal.ACTIONS.items()):
        if spec.internal:
            continue
        needs = f"Roles: {', '.join(sorted(spec.roles))}."
        if spec.signed:
            needs += f" Signed: {spec.signed} (header Signature-Grant)."
        if spec.witnessed:
            needs += f" Second person: {spec.witnessed} (header Witness-Grant)."
        api.post(
            f"/{spec.context}/{spec.verb.replace('_', '-')}",
            openapi_extra=ANSWERS,
            summary=spec.verb.replace("_", " ").capitalize(),
            description=f"{spec.body.__doc__ or ''}\n\n{needs}",
            operation_id=name,
            tags=[spec.context],
        )(_act(spec))
    for name, asked in sorted(READS.items()):
        api.get(
            f"/{asked.context}/{asked.verb.replace('_', '-')}",
            openapi_extra=ANSWERS,
            summary=asked.verb.replace("_", " ").capitalize(),
            description=asked.body.__doc__ or "",
            operation_id=name,
            tags=[asked.context],
        )(_ask(asked))


@api.post("/signatures", response={200: Any, **REFUSALS}, summary="Sign an act", tags=["signatures"])
def sign(request: _Asked, body: SignatureRequest) -> HttpResponse:
    """Give a one-use grant, good for 60 seconds and for exactly this action with these arguments."""
    spec = spec_of(body.action)
    arguments: Mapping[str, Any] = parse(spec.body, body.arguments)
    by = request.auth
    signed = signing.sign(
        by, username=body.username, secret=body.password, action=spec.name, arguments=arguments, session=""
    )
    return JsonResponse({"grant": signed.grant, "good_for_s": signing.GRANT_SECONDS})


_mount()
