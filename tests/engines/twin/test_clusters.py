"""A real Dask cluster on this machine: the same bytes as here, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.base import base_model
from vein2vein.engines.twin.blocks import perform
from vein2vein.engines.twin.clusters import Dask, workers_from
from vein2vein.engines.twin.models import model_to_json
from vein2vein.engines.twin.sweeps import blocks_of, carry_out
from vein2vein.engines.twin.workers import Here, Processes

SOURCE = Path(__file__).parents[3] / "src"
BLOCKS = blocks_of("measure", model_to_json(base_model(40.0)), 3, 40, size=2)


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "DASK_TEMPORARY_DIRECTORY": str(folder)}
    command = [sys.executable, "-m", *words]
    return subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    folder = tmp_path_factory.mktemp("dask")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"tcp://127.0.0.1:{port}"
    scheduler = start(
        folder, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show"
    )
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
    workers = [start(folder, "distributed.cli.dask_worker", address, *options) for _ in range(2)]
    yield address, workers
    for one in (*workers, scheduler):
        one.kill()
        one.wait()


def test_the_same_bytes_also_when_a_worker_is_killed(cluster: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    address, workers = cluster
    expected = [perform(one) for one in BLOCKS]
    killed: list[int] = []

    def kill(done: int, _: int) -> None:
        if done >= 4 and not killed:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    assert carry_out(BLOCKS, workers=Dask(address), on_progress=kill) == expected
    assert killed


def test_where_nobody_listens_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vein2vein.engines.twin.clusters._PATIENCE", "1s")
    with pytest.raises(Refused, match="no scheduler answers"):
        list(Dask("tcp://127.0.0.1:9").perform(BLOCKS[:1]))


def test_one_setting_says_who_works() -> None:
    assert isinstance(workers_from(""), Here)
    many = workers_from("3")
    assert isinstance(many, Processes)
    assert many.count == 3
    far = workers_from("tcp://10.0.0.5:8786")
    assert isinstance(far, Dask)
    assert far.address == "tcp://10.0.0.5:8786"
    for wrong in ("many", "-1", "0", "http://10.0.0.5"):
        with pytest.raises(Refused, match="no workers"):
            workers_from(wrong)
