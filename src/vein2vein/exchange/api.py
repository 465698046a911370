"""`POST /fhir`: a hospital's system hands in an order as a FHIR R4 Bundle and is answered in FHIR."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, NotAllowed, Refusal, Refused
from vein2vein.core.uploads import LARGEST_BYTES, Upload
from vein2vein.doors.performing import perform
from vein2vein.exchange import reads
from vein2vein.people.reads import account_of_token, actor_for

MEDIA_TYPE = "application/fhir+json"


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> JsonResponse:
    """Answer a Bundle with an OperationOutcome: 201 drafted, 200 received before, 4xx refused with every fault."""
    try:
        arguments = {"bundle": Upload("bundle.json", _body(request))}
        key = request.headers.get("Idempotency-Key")
        answer = perform("exchange.receive_order_bundle", arguments, by=_actor(request), key=key)
    except Refusal as refusal:
        status = 401 if refusal.blockers[0].code == "exchange.no_token" else refusal.http_status
        return _answer(reads.outcome(refusal, gettext), status)
    drafted: dict[str, Any] = answer.body
    response = _answer(reads.answer(drafted), 200 if drafted["repeated"] or answer.replayed else 201)
    response["Location"] = f"/orders/{drafted['order_id']}"
    return response


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BYTES:
        raise Refused(
            Blocker(
                code="file.oversized",
                message=N_("The Bundle is larger than 5 MiB"),
                field="Bundle",
                mend=N_("Send one order only, without attachments"),
            )
        )
    return request.read(LARGEST_BYTES + 1)


def _actor(request: HttpRequest) -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    account_id = account_of_token(token.strip()) if scheme.lower() == "bearer" else None
    if account_id is None:
        raise NotAllowed(
            Blocker(
                code="exchange.no_token",
                message=N_("The request carries no valid token"),
                field="Authorization",
                mend=N_("Send the header Authorization: Bearer with a token of the hospital's account"),
            )
        )
    return actor_for(account_id)


def _answer(body: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
