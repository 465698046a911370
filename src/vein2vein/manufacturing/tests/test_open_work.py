"""A definition's diff names the open batches that it touches: on its page, by the command, through the API's read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import DefinitionId
from vein2vein.core.uploads import Upload
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.people.models import Account
from vein2vein.therapies import actions, commands, reads

__all__ = ["plain_static_files"]

RAPID = Path(__file__).parents[4] / "therapies" / "rapid-bcma-cd19"


class Here:
    """The database as the command line knows it: here, and ready."""

    def __call__(self) -> None:
        return None

    def is_there(self) -> bool:
        return True


@pytest.fixture
def draft(bench: Bench, actor: Callable[[str], Actor]) -> reads.VersionView:
    """A further version of the therapy of which a batch is open."""
    files = {path.name: path.read_text() for path in RAPID.iterdir() if path.is_file() and path.name[0] != "."}
    files["therapy.yaml"] = files["therapy.yaml"].replace("version: 1.0.0", "version: 1.1.0", 1)
    uploads = [Upload(name, text.encode()) for name, text in files.items()]
    return actions.submit_definition(files=uploads, by=actor("supervisor"))


def page(username: str, definition_id: Any) -> str:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/definitions/{definition_id}").content.decode()


def test_the_approval_page_lists_the_open_batches(bench: Bench, draft: reads.VersionView) -> None:
    shown = page("qp", draft.id)
    assert bench.batch.number in shown
    assert 'data-action="therapies.approve_definition"' in shown
    assert bench.batch.number not in page("physician.rj", draft.id)


def test_the_read_tells_with_which_version_each_began(
    bench: Bench, draft: reads.VersionView, actor: Callable[[str], Actor]
) -> None:
    told = reads.compare_definition(definition_id=DefinitionId(draft.id), on=clock.now().date(), by=actor("qp"))
    assert [(one.number, one.state, one.version) for one in told.open_work] == [
        (bench.batch.number, "open", str(bench.batch.definition))
    ]
    assert reads.list_open_work("cd19-lupus", by=actor("qp")) == []


def test_a_terminated_batch_is_not_touched(bench: Bench) -> None:
    bench.act("manufacturing.terminate_batch", bench.find("supervisor"), batch_id=bench.id, reason="bag broke")
    assert reads.list_open_work("rapid-bcma-cd19", by=bench.find("qp")) == []


def test_the_command_lists_the_open_batches(bench: Bench, tmp_path: Path) -> None:
    for path in RAPID.iterdir():
        if path.is_file():
            text = path.read_text().replace("weight_maximum_age: 14 d", "weight_maximum_age: 13 d")
            (tmp_path / path.name).write_text(text)
    told = CliRunner().invoke(commands.group, ["diff", str(RAPID), str(tmp_path)], obj=Here())
    assert told.exit_code == 1
    assert (
        f"Open batches that it touches: 1; each keeps the version it began with.\n  {bench.batch.number}" in told.output
    )
