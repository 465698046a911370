"""The one journal: every act written once, append-only, in the transaction of its effect."""

from vein2vein.core.facts import Fact, fact
from vein2vein.journal.acting import ACTIONS, ActionSpec, LateEntry, action, before_commit, late, with_defaults
from vein2vein.journal.conflicts import explain
from vein2vein.journal.deeds import current, once, record, transition
from vein2vein.journal.followers import caught_up, follow, followers_at_once, run_followers, system
from vein2vein.journal.reads import EntryView

__all__ = [
    "ACTIONS",
    "ActionSpec",
    "EntryView",
    "Fact",
    "LateEntry",
    "action",
    "before_commit",
    "caught_up",
    "current",
    "explain",
    "fact",
    "follow",
    "followers_at_once",
    "late",
    "once",
    "record",
    "run_followers",
    "system",
    "transition",
    "with_defaults",
]
