"""The journal's arithmetic, and the proof of an export: one module, no database.

An entry's hash is SHA-256 over the length-prefixed (8 bytes, big-endian) stream, seq, server time,
payload and previous hash. A seal is a Merkle root (RFC 6962 tree) over every stream's head. An
export is JSON lines: a header, entries, heads with inclusion proofs, and the seal.

Without a root that was kept elsewhere an export can only be found internally consistent: whoever owns the
database could rewrite history and seal it again. The anchored root is what detects that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

FORMAT = "vein2vein journal export 1"


def frame(*parts: bytes) -> bytes:
    """Concatenate parts, each behind its length in 8 bytes, so that no two lists look alike."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def entry_hash(stream: str, seq: int, recorded_at: str, payload: str, previous: bytes) -> bytes:
    """Return the 32-byte hash that ties an entry to the one before it in its stream."""
    name, number, at, said = stream.encode(), str(seq).encode(), recorded_at.encode(), payload.encode()
    return sha256(  # as `frame` does it, written out: a long journal asks for it millions of times
        b"%b%b%b%b%b%b%b%b%b%b"
        % (
            len(name).to_bytes(8, "big"),
            name,
            len(number).to_bytes(8, "big"),
            number,
            len(at).to_bytes(8, "big"),
            at,
            len(said).to_bytes(8, "big"),
            said,
            len(previous).to_bytes(8, "big"),
            previous,
        )
    ).digest()


def leaf_hash(stream: str, seq: int, head: bytes) -> bytes:
    """Return the Merkle leaf of a stream whose newest sealed entry is `seq` with hash `head`."""
    return sha256(b"\x00" + frame(stream.encode(), str(seq).encode(), head)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def merkle_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return every level of an RFC 6962 tree over `leaves`, from the leaves up to the root."""
    levels = [list(leaves)]
    while len(level := levels[-1]) > 1:
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        levels.append(paired + level[len(level) & ~1 :])
    return levels


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of an RFC 6962 tree over `leaves`; of none, the hash of nothing."""
    return merkle_levels(leaves)[-1][0] if leaves else sha256(b"").digest()


def merkle_path(levels: Sequence[Sequence[bytes]], index: int) -> list[str]:
    """Return the path from leaf `index` to the root: "L" or "R" (side of the sibling) and its hash in hex."""
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("L" if sibling < index else "R") + level[sibling].hex())
        index //= 2
    return path


def merkle_proof(leaves: Sequence[bytes], index: int) -> list[str]:
    """Return the path of one leaf; for many of one tree, make its levels once and take `merkle_path`."""
    return merkle_path(merkle_levels(leaves), index)


def climb(leaf: bytes, path: Iterable[str]) -> bytes:
    """Return the root that `leaf` leads to along `path`."""
    for step in path:
        sibling = bytes.fromhex(step[1:])
        leaf = _node(sibling, leaf) if step[0] == "L" else _node(leaf, sibling)
    return leaf


@dataclass(slots=True)
class Finding:
    """What a verification found: faults (none when whole), counts, and how far it could see."""

    faults: list[str] = field(default_factory=list)
    entries: int = 0
    streams: int = 0
    sealed: int = 0
    root: str | None = None
    anchored: bool = False

    @property
    def whole(self) -> bool:
        """Say whether nothing was found altered, missing, inserted or out of place."""
        return not self.faults


@dataclass(slots=True)
class _Stream:
    seq: int = 0
    last: bytes = b""
    hashes: list[bytes] = field(default_factory=list)


def verify_lines(lines: Iterable[str], root: str | None = None) -> Finding:  # noqa: C901, PLR0912 - one branch a kind
    """Prove an export complete and unaltered, against `root` (hex) where one is given."""
    finding, streams = Finding(), dict[str, _Stream]()
    header: dict[str, Any] | None = None
    heads: dict[str, dict[str, Any]] = {}
    seal: dict[str, Any] | None = None
    ended = False
    for number, text in enumerate(lines, start=1):
        if text.isspace() or not text:
            continue
        try:
            line = _plain_entry(text) or json.loads(text)
            kind = line["kind"]
            if header is None and (kind != "header" or line["format"] != FORMAT):
                finding.faults.append(f"line {number}: not a journal export (no header '{FORMAT}')")
                return finding
            if ended:
                finding.faults.append(f"line {number}: stands after the end of the export")
            if kind == "header":
                header = line
            elif kind == "entry":
                _take_entry(finding, streams.setdefault(line["stream"], _Stream()), line, number)
            elif kind == "head":
                heads[line["stream"]] = line
            elif kind == "seal":
                seal = line
            elif kind == "end":
                ended = True
                if line["entries"] != finding.entries:
                    finding.faults.append(f"{finding.entries} entries are here, but {line['entries']} were exported")
            else:
                finding.faults.append(f"line {number}: unknown kind {kind!r}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            finding.faults.append(f"line {number}: cannot be read ({type(error).__name__}: {error})")
    if header is None:
        finding.faults.append("the file is empty")
    elif not ended:
        finding.faults.append("the export has no end: its tail was cut")
    finding.streams = len(streams)
    try:
        _check_heads(finding, streams, heads, seal, header or {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        finding.faults.append(f"heads or seal cannot be read ({type(error).__name__}: {error})")
    if root is not None:
        finding.anchored = seal is not None and seal.get("root") == root.lower()
        if not finding.anchored:
            finding.faults.append(f"the root does not match: expected {root.lower()}, the export says {finding.root}")
    return finding


_ENTRY = re.compile(
    r'\{"kind":"entry","stream":"([^"\\]*)","seq":([1-9][0-9]*),"recorded_at":"([^"\\]*)",'
    r'"payload":"(.*)","hash":"([0-9a-f]{64})"\}\n?'
)


def _plain_entry(text: str) -> dict[str, Any] | None:
    """Read an entry whose payload escapes nothing but quotes, as JSON would, three times faster; None for all else."""
    found = _ENTRY.fullmatch(text)
    if found is None:
        return None
    stream, seq, recorded_at, payload, shown = found.groups()
    parts = payload.split('\\"')
    said = '"'.join(parts)
    if "\\" in said or said.count('"') != len(parts) - 1:
        return None
    return {
        "kind": "entry",
        "stream": stream,
        "seq": int(seq),
        "recorded_at": recorded_at,
        "payload": said,
        "hash": shown,
    }


def _take_entry(finding: Finding, stream: _Stream, line: dict[str, Any], number: int) -> None:
    finding.entries += 1
    name, seq, shown = line["stream"], line["seq"], bytes.fromhex(line["hash"])
    if seq != stream.seq + 1:
        fault = f"out of order or missing (expected entry {stream.seq + 1})"
        finding.faults.append(f"line {number}: {name} entry {seq}: {fault}")
    if entry_hash(name, seq, line["recorded_at"], line["payload"], stream.last) != shown:
        finding.faults.append(
            f"line {number}: {name} entry {seq}: altered, or not the successor of the entry before it"
        )
    stream.seq, stream.last = seq, shown
    stream.hashes.append(shown)


def _check_heads(
    finding: Finding,
    streams: dict[str, _Stream],
    heads: dict[str, dict[str, Any]],
    seal: dict[str, Any] | None,
    header: dict[str, Any],
) -> None:
    for name in sorted(set(streams) | set(heads)):
        stream, head = streams.get(name), heads.get(name)
        if head is None or stream is None:
            missing = "head" if head is None else "entries"
            finding.faults.append(f"{name}: its {missing} are missing")
            continue
        if (stream.seq, stream.last.hex()) != (head["seq"], head["hash"]):
            finding.faults.append(
                f"{name}: ends at entry {stream.seq}, its head is entry {head['seq']}: tail cut or added"
            )
        sealed = head.get("sealed_seq", 0)
        finding.sealed += sealed
        if not sealed:
            continue
        if seal is None:
            finding.faults.append(f"{name}: claims to be sealed, but the export has no seal")
        elif sealed > len(stream.hashes):
            finding.faults.append(f"{name}: entry {sealed} was sealed and is not here: tail cut")
        elif climb(leaf_hash(name, sealed, stream.hashes[sealed - 1]), head["proof"]).hex() != seal["root"]:
            finding.faults.append(f"{name}: entry {sealed} does not lead to the sealed root")
    if seal is None:
        return
    finding.root = seal["root"]
    if header.get("scope") == "all":
        leaves = [
            leaf_hash(name, head["sealed_seq"], streams[name].hashes[head["sealed_seq"] - 1])
            for name, head in sorted(heads.items())
            if head.get("sealed_seq") and name in streams and head["sealed_seq"] <= len(streams[name].hashes)
        ]
        if merkle_root(leaves).hex() != seal["root"]:
            finding.faults.append("the streams here do not make the sealed root: one is missing or was added")
