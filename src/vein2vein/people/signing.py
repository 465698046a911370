"""Signing in and signing: secrets become grants, good once, for a minute, for exactly one act.

Source: 21 CFR 11.200 (all components at the first signing of a session, one personal component at later ones
within a continuous controlled session) and 11.300 (loss of trust: lock-out). Grants, sessions and failures always
use real time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from vein2vein.core.actor import Actor
from vein2vein.core.ids import AccountId
from vein2vein.core.refusals import N_, Blocker, NotAllowed
from vein2vein.journal.acting import argument_digest
from vein2vein.people import pacing, reads
from vein2vein.people.models import Account, ControlledSession, Grant
from vein2vein.people.states import SignatureMethod

GRANT_SECONDS = 60
ALL_COMPONENTS_ALWAYS = frozenset({"people.change_password"})
"""Actions that one component never signs: with it, a PIN would be enough to set a new password."""
LONGEST_PIN = 12


@dataclass(frozen=True, slots=True)
class Secret:
    """What somebody gave to sign: a user name, or "" where the session knows it, and a password or PIN."""

    username: str
    secret: str

    def __repr__(self) -> str:
        """Return a text without the secret."""
        return "Secret(…)"


def sign_in(username: str, password: str) -> Actor:
    """Return the person with that user name and password as an actor; raises `NotAllowed`, and counts the failure."""
    return reads.actor_for(AccountId(_with_password(username, password).pk))


def sign(
    by: Actor, *, username: str, secret: str, action: str, arguments: Mapping[str, Any], session: str = ""
) -> Actor:
    """Return `by` carrying a grant for exactly this action with these typed arguments.

    All components (user name and password) are asked for at the first signing of `session`, and always
    without one; later in it the PIN, or the password alone, is enough. Raises `NotAllowed`.
    """
    account = reads.get_account(by.account_id)
    if username and username != account.username:
        raise _refuse("people.other_signer", N_("Sign with your own user name"), username)
    opened = bool(session) and action not in ALL_COMPONENTS_ALWAYS and _is_controlled(account, session)
    if opened and secret.isdigit() and len(secret) <= LONGEST_PIN:
        _with_pin(account, secret)
        method = SignatureMethod.PIN_IN_SESSION
    elif opened:
        _with_password(account.username, secret)
        method = SignatureMethod.PASSWORD_IN_SESSION if not username else SignatureMethod.USERNAME_AND_PASSWORD
    else:
        if not username:
            raise _refuse(
                "people.all_components", N_("The first signature of a session needs user name and password"), ""
            )
        _with_password(username, secret)
        method = SignatureMethod.USERNAME_AND_PASSWORD
    if session:
        _control(account, session)
    return by.signing(_grant(account, action, arguments, method))


def witness(username: str, *, secret: str, action: str, arguments: Mapping[str, Any], session: str = "") -> Actor:
    """Return the second person as an actor carrying a grant: name or scanned badge, and a secret, at every signing.

    At the first signing at somebody else's `session` the secret is the password; later in it, where who stands there is
    known already, the PIN is enough. Without a session it is always the password. Raises `NotAllowed`.
    """
    name = named(username)
    known = Account.objects.filter(username=name).first() if session else None
    if known is not None and secret.isdigit() and len(secret) <= LONGEST_PIN and _is_controlled(known, session):
        _with_pin(known, secret)
        account, method = known, SignatureMethod.BADGE_AND_PIN_IN_SESSION
    else:
        account, method = _with_password(name, secret), SignatureMethod.USERNAME_AND_PASSWORD
    if session:
        _control(account, session)
    actor = reads.actor_for(AccountId(account.pk))
    return actor.signing(_grant(account, action, arguments, method))


def bearer_of(token: str) -> Actor:
    """Return the person who was given the grant `token`, carrying it; raises `NotAllowed` for an unknown one."""
    row = Grant.objects.filter(digest=reads.token_digest(token)).first()
    if row is None:
        raise _refuse("people.grant_not_valid", N_("This signature is not known"), "")
    return reads.actor_for(AccountId(row.account_id)).signing(token)


def end_session(session: str) -> None:
    """End what was signed in a session: the next signing in it takes all components again."""
    ControlledSession.objects.filter(digest=reads.token_digest(session), ended_at__isnull=True).update(
        ended_at=datetime.now(UTC)
    )


def keyed(digest: str) -> str:
    """Return an argument digest keyed with the installation's secret, so that no argument can be guessed from it."""
    return salted_hmac("people.grant", digest, algorithm="sha256").hexdigest()


def needs_all_components(account_id: AccountId, session: str) -> bool:
    """Say whether the next signature in `session` takes user name and password; forms ask accordingly."""
    return not (session and _is_controlled(reads.get_account(account_id), session))


def _grant(account: Account, action: str, arguments: Mapping[str, Any], method: SignatureMethod) -> str:
    token = secrets.token_urlsafe(32)
    Grant(
        account=account,
        digest=reads.token_digest(token),
        action=action,
        argument_digest=keyed(argument_digest(dict(arguments))),
        method=method,
        expires_at=datetime.now(UTC) + timedelta(seconds=GRANT_SECONDS),
    ).save(force_insert=True)
    return token


def _request() -> HttpRequest:
    """Return a bare request for the failure counter: it must not see, and keep, the fields of a real one."""
    request = HttpRequest()
    request.method = "POST"
    request.path = request.path_info = "/sign"
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    return request


def _with_password(username: str, password: str) -> Account:
    pacing.refuse_failing()
    # durable: a failure is counted for good, whatever becomes of the act that asked; inside a deed this raises
    with transaction.atomic(durable=True):
        found = authenticate(_request(), username=username, password=password)
        if found is not None:
            AxesProxyHandler.reset_attempts(username=username)
    if not isinstance(found, Account):
        pacing.count_failure()
        raise _refuse(
            "people.wrong_secret",
            N_("User name and password do not fit, or the account is locked"),
            username,
            N_("Try again; after five failures the account is locked for a quarter of an hour"),
        )
    return found


def named(text: str) -> str:
    """Return the user name behind a badge's code; any other text is a user name itself."""
    found = Account.objects.filter(badge_code=text.strip().upper()).values_list("username", flat=True).first()
    return text.strip() if found is None else found


def _with_pin(account: Account, pin: str) -> None:
    credentials = {"username": account.username}
    request = _request()
    pacing.refuse_failing()
    with transaction.atomic(durable=True):
        fits = account.is_active and AxesProxyHandler.is_allowed(request, credentials) and account.check_pin(pin)
        if fits:
            AxesProxyHandler.reset_attempts(username=account.username)
        else:
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    if not fits:
        pacing.count_failure()
        raise _refuse(
            "people.wrong_secret",
            N_("The PIN does not fit, or the account is locked"),
            account.username,
            N_("Try again; after five failures the account is locked for a quarter of an hour"),
        )


def _is_controlled(account: Account, session: str) -> bool:
    since = datetime.now(UTC) - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return ControlledSession.objects.filter(
        account=account, digest=reads.token_digest(session), ended_at__isnull=True, opened_at__gt=since
    ).exists()


def _control(account: Account, session: str) -> None:
    at = datetime.now(UTC)
    digest = reads.token_digest(session)
    there = ControlledSession.objects.filter(account=account, digest=digest)
    if there.filter(ended_at__isnull=True).update(seen_at=at):
        return
    if not there.update(opened_at=at, seen_at=at, ended_at=None):
        row = ControlledSession(account=account, digest=digest, opened_at=at, seen_at=at)
        ControlledSession.objects.bulk_create([row], ignore_conflicts=True)


def _refuse(code: str, message: str, value: str, mend: str = "") -> NotAllowed:
    return NotAllowed(Blocker(code, message, "signature", value, mend or N_("Sign again")))


__all__ = ["GRANT_SECONDS", "bearer_of", "end_session", "needs_all_components", "sign", "sign_in", "witness"]
