"""A database of an earlier version with a whole treatment course in it takes the migrations and goes on.

Each `DATE-WHAT.sql.xz` beside this file is what `pg_dump --no-owner --no-acl` wrote of a database at the schema of that
day (`./vein2vein journey --keep`, jobs and sessions left out). They are added when a version lands and never changed.
"""

from __future__ import annotations

import lzma
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from tests import template as worlds
from vein2vein.core import clock
from vein2vein.core.ids import EquipmentId
from vein2vein.journal import followers, sealing, verification
from vein2vein.journal.reads import database_kind
from vein2vein.settings import databases, embedded

DUMPS = sorted(Path(__file__).parent.glob("*.sql.xz"))


@pytest.fixture(params=DUMPS, ids=[path.name.partition(".")[0] for path in DUMPS])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database as an earlier version left it; return its name."""
    name = f"v2v_world_earlier_{uuid.uuid4().hex[:8]}"
    text = tmp_path / "dump.sql"
    text.write_bytes(lzma.decompress(request.param.read_bytes()))
    cluster = embedded.locate(databases.state_folder())
    worlds.create(name, "template0")
    address = ("-h", str(cluster.sockets), "-U", embedded.OWNER, "-d", name)
    done = embedded.program(cluster, "psql", "-q", "-v", "ON_ERROR_STOP=1", *address, "-f", str(text))
    assert done.returncode == 0, done.stdout
    before = connections["default"].settings_dict["NAME"]
    worlds.point_to(name)
    yield name
    worlds.point_to(before)
    worlds.drop(name)


def _count() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        return int(cursor.fetchone()[0])


@pytest.mark.requirement("recovery")
def test_it_takes_the_migrations_is_whole_and_goes_on(earlier: str) -> None:
    from vein2vein.network import actions as network
    from vein2vein.network.reads import get_equipment
    from vein2vein.people import reads as people

    entries = _count()
    call_command("migrate", database="owner", verbosity=0)
    assert _count() == entries
    assert verification.verify_chain() == []
    assert verification.verify_fold() == []
    before = sealing.latest_seal()
    assert before is not None

    with clock.use(clock.SimulatedClock(before.sealed_at)):
        bench = EquipmentId(get_equipment("WS-01").pk)
        by = people.actor_named("supervisor")
        network.take_equipment_out_of_service(equipment_id=bench, reason="after the upgrade", by=by)
        followers.run_followers()
        after = sealing.seal()
    assert _count() > entries
    assert after is not None
    assert after.root != before.root
    assert verification.verify_chain() == verification.verify_fold() == []
    assert followers.halted() == []
    assert database_kind() == "simulated"
