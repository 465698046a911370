"""Backups of the embedded PostgreSQL, and restoring one to its end or to a moment.

A backup folder holds `base-TIME/` (whole copies made by pg_basebackup, with a manifest that is checked), `wal/` (each
finished segment of the write-ahead log, compressed; the server adds to it at least once a minute from the first
backup on), `keys/` (without which the patients' hospital numbers cannot be read) and what the application adds.
Restoring never deletes: the data folder that was there is kept beside the new one.
"""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from vein2vein.settings import embedded
from vein2vein.settings.embedded import Cluster, EmbeddedError

Say = Callable[[str], None]
STAMP = "%Y%m%dT%H%M%SZ"
KEYS = ("secret-key", "app-password", "patient-numbers-key", "patient-numbers-digest-key")
ARCHIVED_WITHIN_SECONDS = 60.0
RECOVERY = ("restore_command", "recovery_target_time", "recovery_target_action", "recovery_target_timeline")


def back_up(state: Path, folder: Path, *, keep: int, say: Say) -> Path:
    """Make a whole copy of the running cluster in `folder`, and let the log be kept there from now on; return it.

    Copies beyond the newest `keep`, and the log that only they need, are removed. Raises EmbeddedError.
    """
    cluster = embedded.ensure_running(state)
    folder = folder.absolute()
    for each in (folder, folder / "wal", folder / "keys"):
        _ours(cluster, each)
    for name in KEYS:
        if (state / name).exists():
            shutil.copy2(state / name, folder / "keys" / name)
    _archive_to(cluster, folder, say)
    say("Copying the data")
    fresh = folder / "base.part"
    shutil.rmtree(fresh, ignore_errors=True)
    address = ("-h", str(cluster.sockets), "-p", str(embedded.PORT), "-U", embedded.SUPERUSER)
    _run(cluster, "pg_basebackup", "-D", str(fresh), "-X", "stream", "-c", "fast", *address)
    say("Checking the copy")
    _run(cluster, "pg_verifybackup", "-q", str(fresh))
    made = folder / f"base-{datetime.now(UTC).strftime(STAMP)}"
    fresh.rename(made)
    _forget_old(cluster, folder, keep, say)
    return made


def bases_of(folder: Path) -> list[tuple[datetime, Path]]:
    """The whole copies in a backup folder with the time each was finished at, oldest first."""
    found = [(path.name.removeprefix("base-"), path) for path in folder.glob("base-*Z")]
    return sorted((datetime.strptime(stamp, STAMP).replace(tzinfo=UTC), path) for stamp, path in found)


def restore(state: Path, folder: Path, at: datetime | None, say: Say) -> Path | None:
    """Put the cluster back as it was at `at`, or at the end of the log; return where the replaced data folder is kept.

    When it fails the cluster is as it was before. Raises EmbeddedError with the mend.
    """
    folder = folder.absolute()
    base = _base_for(folder, at)
    embedded.stop(state)
    cluster = embedded.locate(state)
    with embedded.locked(cluster):
        say(f"Checking {base.name}")
        # Some segments of a copy are in the archive only, and those are checked as they are read.
        _run(cluster, "pg_verifybackup", "-q", "-n", str(base))
        say("Copying it back")
        fresh = cluster.data.with_name("postgres.restoring")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(base, fresh, symlinks=True)
        _own(cluster, fresh)
        _aim(cluster, fresh, folder, at)
        kept = _swap(cluster, fresh)
        try:
            _recover(cluster, say)
        except EmbeddedError:
            _swap_back(cluster, kept)
            raise
    for name in KEYS:
        if (folder / "keys" / name).exists() and not (state / name).exists():
            shutil.copy2(folder / "keys" / name, state / name)
    return kept


def _base_for(folder: Path, at: datetime | None) -> Path:
    bases = bases_of(folder)
    if not bases:
        raise EmbeddedError(f"{folder} holds no backup (no folder base-…): name the folder given to `database backup`")
    fits = [path for made, path in bases if at is None or made <= at]
    if not fits:
        raise EmbeddedError(
            f"the oldest backup in {folder} was finished at {bases[0][0]:%Y-%m-%d %H:%M:%S}Z, after that"
        )
    return fits[-1]


def _aim(cluster: Cluster, fresh: Path, folder: Path, at: datetime | None) -> None:
    """Tell the copied server from where to read the log and how far; add what the replaced one had not archived yet."""
    wal = shlex.quote(str(folder / "wal"))
    lines = [
        f"restore_command = {_quoted(f'gunzip -c {wal}/%f.gz > %p')}",
        "recovery_target_timeline = 'latest'",
    ]
    if at is not None:
        lines += [f"recovery_target_time = '{at.astimezone(UTC).isoformat()}'", "recovery_target_action = 'promote'"]
    with (fresh / "postgresql.auto.conf").open("a") as settings:
        settings.write("\n".join(lines) + "\n")
    (fresh / "recovery.signal").touch()
    before = cluster.data / "pg_wal"
    for segment in before.iterdir() if before.is_dir() else ():
        if segment.is_file() and not (folder / "wal" / f"{segment.name}.gz").exists():
            shutil.copy2(segment, fresh / "pg_wal" / segment.name)
    _own(cluster, fresh)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _swap(cluster: Cluster, fresh: Path) -> Path | None:
    kept = None
    if cluster.data.exists():
        kept = cluster.data.with_name(f"postgres.before-{datetime.now(UTC).strftime(STAMP)}")
        cluster.data.rename(kept)
    fresh.rename(cluster.data)
    return kept


def _swap_back(cluster: Cluster, kept: Path | None) -> None:
    embedded.end(cluster)
    shutil.rmtree(cluster.data.with_name("postgres.failed"), ignore_errors=True)
    cluster.data.rename(cluster.data.with_name("postgres.failed"))
    if kept is not None:
        kept.rename(cluster.data)


def _recover(cluster: Cluster, say: Say) -> None:
    """Start, wait until all of the log that is wanted was read, and forget where it was read from."""
    say("Reading the log")
    began = cluster.log.stat().st_size if cluster.log.exists() else 0
    try:
        embedded.start(cluster)
    except EmbeddedError as error:
        raise EmbeddedError(_why(cluster, began)) from error
    said = time.monotonic()
    with psycopg.connect(cluster.conninfo(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
        while True:
            try:
                row = connection.execute("SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()").fetchone()
            except psycopg.OperationalError as error:
                raise EmbeddedError(_why(cluster, began)) from error
            if row is None or not row[0]:
                break
            if time.monotonic() - said > 5:
                said = time.monotonic()
                say(f"… read up to {row[1]}")
            time.sleep(0.2)
        for name in RECOVERY:
            connection.execute(f"ALTER SYSTEM RESET {name}".encode())


def _why(cluster: Cluster, began: int) -> str:
    text = cluster.log.read_bytes()[began:].decode(errors="replace")
    if "recovery ended before configured recovery target was reached" in text:
        return (
            "the log that was kept ends before that time: give an earlier --at, or none, which restores everything. "
            "The database is as it was before"
        )
    lines = "\n".join(text.strip().splitlines()[-10:])
    return f"the server stopped while it read the log, and the database is as it was before; its log ends:\n{lines}"


def _archive_to(cluster: Cluster, folder: Path, say: Say) -> None:
    """Let finished segments go to `folder`, at least once a minute, and see one arrive."""
    for place in {cluster.home, cluster.state}:
        (place / "archive-to").write_text(f"{folder}\n")
    with psycopg.connect(cluster.conninfo(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
        if connection.execute("SHOW archive_mode").fetchone() != ("on",):
            raise EmbeddedError("this server was started by an older version: stop it once (Ctrl-C), then back up")
        connection.execute("ALTER SYSTEM SET archive_timeout = '60s'")
        connection.execute("SELECT pg_reload_conf()")
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        connection.execute("CHECKPOINT")
        wanted = str(row[0]) if row else ""
        say("Waiting for the log to arrive in the backup")
        until = time.monotonic() + ARCHIVED_WITHIN_SECONDS
        while not _arrived(connection, folder, wanted):
            if time.monotonic() > until:
                raise EmbeddedError(f"the server cannot write its log to {folder / 'wal'}: see {cluster.log}")
            time.sleep(0.1)


def _arrived(connection: psycopg.Connection, folder: Path, wanted: str) -> bool:
    last = connection.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()
    return (folder / "wal" / f"{wanted}.gz").exists() or bool(last and last[0] and last[0][:24] > wanted)


def _forget_old(cluster: Cluster, folder: Path, keep: int, say: Say) -> None:
    bases = [path for _, path in bases_of(folder)]
    for path in bases[:-keep]:
        say(f"Removing {path.name}")
        shutil.rmtree(path)
    labels = sorted(path.name for path in (folder / "wal").glob("*.backup.gz"))
    if len(labels) > keep:
        _run(cluster, "pg_archivecleanup", "-x", ".gz", str(folder / "wal"), labels[-keep].removesuffix(".gz"))
        for label in labels[:-keep]:
            (folder / "wal" / label).unlink(missing_ok=True)


def _ours(cluster: Cluster, folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _own(cluster, folder, deep=False)
    except OSError as error:
        raise EmbeddedError(f"{folder} cannot be made ({error.strerror}): choose another folder") from error


def _own(cluster: Cluster, folder: Path, *, deep: bool = True) -> None:
    """Give it to whom the server runs as, where that is another user."""
    if cluster.home != cluster.state:
        for path in (folder, *(folder.rglob("*") if deep else ())):
            os.chown(path, embedded.NOBODY, embedded.NOBODY, follow_symlinks=False)


def _run(cluster: Cluster, name: str, *arguments: str) -> None:
    done = embedded.program(cluster, name, *arguments)
    if done.returncode != 0:
        raise EmbeddedError(f"{name} failed:\n{done.stdout.strip()[-2000:]}")
