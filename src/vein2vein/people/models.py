"""Tables of the people: accounts, roles, training, delegations; and, apart, grants, tokens and sessions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from vein2vein.core.actor import Role
from vein2vein.core.ids import new_id
from vein2vein.core.transitions import Transitions
from vein2vein.people import states


class Account(AbstractBaseUser):
    """A person who may sign in; no groups, permissions or superusers: roles decide, and the gate reads them."""

    transitions: ClassVar[Transitions] = states.ACCOUNT
    journal_excluded = ("password", "pin")
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    last_login = None

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.TextField(unique=True)
    name = models.TextField()
    name_zh = models.TextField(blank=True)
    employer = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+", null=True)
    badge_code = models.TextField(unique=True, null=True)  # noqa: DJ001 - unique only where there is one
    pin = models.TextField(blank=True)
    state = models.TextField()
    demonstration = models.BooleanField(default=False)

    objects = BaseUserManager["Account"]()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(states.AccountState)), name="people_account_state"),
            models.CheckConstraint(
                condition=Q(employer__isnull=False) | Q(state=states.AccountState.MACHINE),
                name="people_account_employer",
            ),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's is set, not asked; ours follows the state
        """Say whether the account may sign in; Django's backends ask this."""
        return self.state == states.AccountState.ACTIVE

    @property
    def printed_name(self) -> str:
        """Return the name as it is printed beside a signature, in both scripts."""
        return f"{self.name} {self.name_zh}".strip()

    def check_password(self, raw_password: str | None) -> bool:
        """Say whether this is the password; the stored hash is never rewritten on the way."""
        return check_password(raw_password, self.password)

    def check_pin(self, raw_pin: str) -> bool:
        """Say whether this is the PIN; an account without one has none that fits."""
        return bool(self.pin) and check_password(raw_pin, self.pin)

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - the signature is Django's
        """Refuse: an account is written by the journal alone, whatever of Django would save it."""
        raise TypeError("an account is changed by an action")


class AccountRole(models.Model):
    """A role that an account holds for a time; `site` is where, None is everywhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    role = models.TextField()
    site = models.ForeignKey("network.Site", on_delete=models.PROTECT, related_name="+", null=True)
    valid = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="people_role_once",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=~Q(role=Role.SYSTEM), name="people_role_not_system"),
        ]


class Training(models.Model):
    """A training that a person has passed, and its last good day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    code = models.TextField()
    valid_from_on = models.DateField()
    valid_until_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid_until_on__gte=F("valid_from_on")), name="people_training_dates")
        ]
        indexes = [models.Index(fields=["account", "code"], name="people_training_code")]


class TrainingRequirement(models.Model):
    """An action that may be performed only by who is trained in `code`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    action = models.TextField()
    code = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "code"], name="people_training_requirement_once")]


class Delegation(models.Model):
    """A role passed on for a time (转授权): from whom, to whom, for which window and hours, and why."""

    transitions: ClassVar[Transitions] = states.DELEGATION

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delegator = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    role = models.TextField()
    during = DateTimeRangeField()
    cover = models.TextField()
    reason = models.TextField()
    state = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(delegator=F("delegate")), name="people_delegation_not_self"),
            models.CheckConstraint(condition=Q(during__isempty=False), name="people_delegation_not_empty"),
            models.CheckConstraint(
                condition=Q(during__startswith__isnull=False) & Q(during__endswith__isnull=False),
                name="people_delegation_bounded",
            ),
            models.CheckConstraint(condition=Q(role__in=list(states.DELEGABLE_ROLES)), name="people_delegation_role"),
        ]


class ApiToken(models.Model):
    """A bearer token of an account, kept as a hash; it expires, may be revoked, and never signs by itself."""

    journal_excluded = ("digest",)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    label = models.TextField()
    digest = models.TextField(unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Grant(models.Model):
    """A signature given and not yet spent, good for one act within a minute.

    Apart from the fold: what was signed is told by the manifest in the act's own entry; an unused grant left no effect.
    """

    journal_apart = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    digest = models.TextField(unique=True)
    action = models.TextField()
    argument_digest = models.TextField()
    method = models.TextField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Pace(models.Model):
    """How often something was asked in the present window; the key is its kind and one of 65,536 places.

    Apart from the fold: it counts attempts, not acts. The table is unlogged: a crash forgets the counts.
    """

    journal_apart = True

    key = models.TextField(primary_key=True)
    began_at = models.DateTimeField()
    count = models.IntegerField()


class ControlledSession(models.Model):
    """A continuous session at one door in which all components of a signature were given once.

    Apart from the fold: it is a property of a browser session in real time, and each signature names its method.
    """

    journal_apart = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    digest = models.TextField()
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="people_session_once")]
