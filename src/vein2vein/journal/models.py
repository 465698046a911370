"""Tables of the journal: entries, stream heads, seals, and how far each follower has read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One act on one stream; seq, times, hashes and the derived columns are set by the database."""

    id = models.BigAutoField(primary_key=True)
    stream = models.TextField()
    seq = models.IntegerField()
    recorded_at = models.DateTimeField()
    payload = models.TextField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    action = models.TextField()
    fact = models.TextField()
    deed = models.UUIDField()
    account = models.UUIDField()
    refs = ArrayField(models.TextField())

    class Meta:
        managed = True
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="journal_entry_stream_seq")]
        indexes = [
            models.Index(fields=["fact", "stream", "seq"], name="journal_entry_fact"),
            models.Index(fields=["account", "id"], name="journal_entry_account"),
            GinIndex(fields=["refs"], name="journal_entry_refs"),
            BrinIndex(fields=["recorded_at"], name="journal_entry_recorded"),
        ]


class Stream(models.Model):
    """The head of a stream: its newest entry's seq and hash, kept by the chaining trigger alone."""

    stream = models.TextField(primary_key=True)
    seq = models.IntegerField()
    hash = models.BinaryField()


class Seal(models.Model):
    """A Merkle root over all stream heads at one moment."""

    id = models.BigAutoField(primary_key=True)
    sealed_at = models.DateTimeField()
    root = models.BinaryField()
    streams = models.IntegerField()


class Leaf(models.Model):
    """A stream's head as of a seal; written only when it moved since the seal before."""

    id = models.BigAutoField(primary_key=True)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT)
    stream = models.TextField()
    seq = models.IntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seal"], name="journal_leaf_stream_seal")]


class Cursor(models.Model):
    """How far a follower has read a stream; or, where `stream` begins with "swept:", up to which entry all streams."""

    id = models.BigAutoField(primary_key=True)
    follower = models.TextField()
    stream = models.TextField()
    seq = models.IntegerField()
    halted = models.TextField(default="", blank=True)
    halted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "stream"], name="journal_cursor_once")]


class Database(models.Model):
    """What this database is: production, demonstration (real clock, invented people) or simulated (simulated clock)."""

    only = models.BooleanField(primary_key=True, default=True)
    kind = models.TextField()
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="journal_database_only_one"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["production", "demonstration", "simulated"]), name="journal_database_kind"
            ),
        ]


class Loaded(models.Model):
    """That a demonstration's site is loaded: from then on its database refuses a simulated clock, for ever."""

    only = models.BooleanField(primary_key=True, default=True)
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="journal_loaded_only_one")]
