"""Who performs blocks: this process, processes beside it, or whatever else keeps the promise of `Workers`.

A worker may be killed at any moment: another is started in its place and its block is done again, which gives the same
bytes. What was finished is never lost, because each block's bytes are handed over, and kept, as they come.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Protocol, cast

from vein2vein.engines.twin.blocks import Block, answered, from_bytes, perform, to_bytes, told

MOST_TRIES = 4
_SOURCE = Path(__file__).parents[3]


class WorkersLost(RuntimeError):
    """One block lost its worker again and again: the machine has no memory left, or somebody ends them all."""


class Workers(Protocol):
    """Performs blocks and yields each with its bytes as it is finished, in any order.

    Closing the iterator ends the work: what has begun may still be finished, nothing more is begun.
    """

    def perform(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, bytes]]:
        """Yield every block with its bytes."""
        ...


class Here:
    """Performs in this process, one after the other."""

    def perform(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, bytes]]:
        """Yield every block with its bytes."""
        for block in blocks:
            yield block, perform(block)


class Processes:
    """Performs in so many processes beside this one; they end with the work."""

    def __init__(self, count: int) -> None:
        """Start nothing yet."""
        self.count = max(count, 1)
        self.pids: list[int] = []

    def perform(self, blocks: Sequence[Block]) -> Iterator[tuple[Block, bytes]]:
        """Yield every block with its bytes; raises `WorkersLost` when a block loses its worker again and again."""
        idle: SimpleQueue[subprocess.Popen[bytes] | None] = SimpleQueue()
        for _ in range(self.count):
            idle.put(None)
        ended = threading.Event()
        try:
            with ThreadPoolExecutor(self.count) as threads:
                futures = {threads.submit(self._one, block, idle, ended): block for block in blocks}
                try:
                    yield from _finished(futures)
                finally:
                    ended.set()
                    for one in futures:
                        one.cancel()
        finally:
            for process in _all(idle):
                _end(process)

    def _one(
        self, block: Block, idle: SimpleQueue[subprocess.Popen[bytes] | None], ended: threading.Event
    ) -> bytes | None:
        process = idle.get()
        try:
            for _ in range(MOST_TRIES):
                if ended.is_set():
                    return None
                if process is None or process.poll() is not None:
                    process = self._start()
                made = _ask(process, block)
                if made is not None:
                    return told(made)
                _end(process)
            raise WorkersLost(f"replications {block.first} to {block.first + block.count - 1}")
        finally:
            idle.put(process)

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [str(_SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-m", "vein2vein.engines.twin.workers"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.pids.append(process.pid)
        return process


def _finished(futures: dict[Future[bytes | None], Block]) -> Iterator[tuple[Block, bytes]]:
    for one in as_completed(futures):
        made = one.result()
        if made is not None:
            yield futures[one], made


def _all(idle: SimpleQueue[subprocess.Popen[bytes] | None]) -> Iterable[subprocess.Popen[bytes]]:
    while not idle.empty():
        process = idle.get()
        if process is not None:
            yield process


def _ask(process: subprocess.Popen[bytes], block: Block) -> bytes | None:
    """Return the bytes that a worker gives for a block, or None when it did not live to give them."""
    given, answer = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    try:
        given.write(to_bytes(block))
        given.flush()
        size = answer.read(8)
        made = answer.read(int.from_bytes(size, "big")) if len(size) == 8 else b""
    except OSError:
        return None
    return made if len(size) == 8 and len(made) == int.from_bytes(size, "big") else None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what was still to be written to one that is gone
                continue


def serve() -> None:
    """Perform the blocks that come on standard input, one a line, until there is no more."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints must not come between
    for line in sys.stdin.buffer:
        made = answered(from_bytes(line))
        out.write(len(made).to_bytes(8, "big") + made)
        out.flush()


if __name__ == "__main__":
    serve()
