"""The only writers of accounts, roles, training, delegations and tokens."""

from vein2vein.people.actions.accounts import change_password, create_account, deactivate_account
from vein2vein.people.actions.delegations import delegate_role, end_delegation
from vein2vein.people.actions.entering import create_first_administrator, load_demonstration
from vein2vein.people.actions.roles import assign_role, record_training, require_training, revoke_role
from vein2vein.people.actions.tokens import issue_token, revoke_token

__all__ = [
    "assign_role",
    "change_password",
    "create_account",
    "create_first_administrator",
    "deactivate_account",
    "delegate_role",
    "end_delegation",
    "issue_token",
    "load_demonstration",
    "record_training",
    "require_training",
    "revoke_role",
    "revoke_token",
]
