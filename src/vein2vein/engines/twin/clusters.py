"""Workers on a Dask cluster: the step up from processes on one machine, by one setting.

The scheduler and its workers are started by Dask's own commands, wherever this package is installed
(`docs/how-to/simulate-on-a-cluster.md`). A worker that is lost loses nothing: Dask gives its block to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin.blocks import Block, perform
from vein2vein.engines.twin.workers import MOST_TRIES, Here, Processes, Workers, WorkersLost

_PATIENCE = "20s"


class Dask:
    """Performs on the workers of a scheduler at an address such as `tcp://10.0.0.5:8786`."""

    def __init__(self, address: str) -> None:
        """Connect to nothing yet."""
        self.address = address

    def perform(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, bytes]]:
        """Yield every block with its bytes; raises `Refused` where nobody listens, `WorkersLost` when all are lost."""
        distributed: Any = _distributed()
        try:
            client = distributed.Client(self.address, timeout=_PATIENCE, set_as_default=False)
        except OSError:
            faults = Faults()
            mend = N_("start “dask scheduler” there, or correct the setting")
            faults.add("workers", self.address, N_("no scheduler answers at this address"), mend)
            faults.refuse_any()
            raise
        try:
            futures = {client.submit(perform, one, key=one.key, retries=MOST_TRIES): one for one in blocks}
            try:
                for future in distributed.as_completed(list(futures), loop=client.loop):
                    yield futures[future], cast("bytes", future.result())
            finally:
                client.cancel(list(futures))
        except distributed.KilledWorker as error:
            raise WorkersLost(self.address) from error
        finally:
            client.close()


def _distributed() -> Any:
    import distributed

    return distributed


def workers_from(setting: str) -> Workers:
    """Return the workers that a setting names: nothing (this process), a number of processes, or a scheduler's address.

    Raises `Refused` for any other text.
    """
    text = setting.strip()
    if not text:
        return Here()
    if text.isdecimal() and 0 < int(text) <= 1024:
        return Processes(int(text))
    if text.startswith(("tcp://", "tls://")):
        return Dask(text)
    faults = Faults()
    mend = N_("write a number of processes, or a scheduler's address as in tcp://10.0.0.5:8786")
    faults.add("workers", setting, N_("these are no workers"), mend)
    faults.refuse_any()
    return Here()
