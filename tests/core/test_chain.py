"""An export in which anything is altered, removed, reordered, inserted or cut is found and named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vein2vein.core import chain

AT = "2026-11-02T01:00:00.000000Z"


def export(lengths: dict[str, int], unsealed: int = 0) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"kind": "header", "format": chain.FORMAT, "scope": "all"}]
    heads, sealed = {}, {}
    for stream, length in sorted(lengths.items()):
        previous = b""
        for seq in range(1, length + 1):
            payload = json.dumps({"n": seq, "of": stream})
            previous = chain.entry_hash(stream, seq, AT, payload, previous)
            lines.append(
                {
                    "kind": "entry",
                    "stream": stream,
                    "seq": seq,
                    "recorded_at": AT,
                    "payload": payload,
                    "hash": previous.hex(),
                }
            )
            if seq == max(1, length - unsealed):
                sealed[stream] = (seq, previous)
        heads[stream] = (length, previous)
    leaves = [chain.leaf_hash(stream, *sealed[stream]) for stream in sorted(sealed)]
    for place, stream in enumerate(sorted(heads)):
        lines.append(
            {
                "kind": "head",
                "stream": stream,
                "seq": heads[stream][0],
                "hash": heads[stream][1].hex(),
                "sealed_seq": sealed[stream][0],
                "proof": chain.merkle_proof(leaves, place),
            }
        )
    lines.append({"kind": "seal", "root": chain.merkle_root(leaves).hex()})
    lines.append({"kind": "end", "entries": sum(lengths.values()), "streams": len(lengths)})
    return lines


def verify(lines: list[dict[str, Any]], root: str | None = None) -> chain.Finding:
    return chain.verify_lines([json.dumps(line) for line in lines], root)


def root_of(lines: list[dict[str, Any]]) -> str:
    return next(str(line["root"]) for line in lines if line["kind"] == "seal")


streams = st.dictionaries(st.sampled_from([f"coi:{n}" for n in range(9)]), st.integers(1, 6), min_size=1)


@given(streams, st.integers(0, 3))
def test_an_untouched_export_is_whole(lengths: dict[str, int], unsealed: int) -> None:
    lines = export(lengths, unsealed)
    finding = verify(lines, root_of(lines))
    assert finding.whole
    assert finding.anchored
    assert finding.entries == sum(lengths.values())
    assert finding.entries - finding.sealed == sum(min(length - 1, unsealed) for length in lengths.values())


@pytest.mark.requirement("N15")
@given(streams, st.data())
def test_any_tampering_is_found(lengths: dict[str, int], data: st.DataObject) -> None:
    lines = export(lengths)
    places = [n for n, line in enumerate(lines) if line["kind"] == "entry"]
    at = data.draw(st.sampled_from(places))
    how = data.draw(st.sampled_from(["alter", "remove", "swap", "insert", "redate", "drop stream"]))
    if how == "alter":
        lines[at] = {**lines[at], "payload": lines[at]["payload"] + " "}
    elif how == "redate":
        lines[at] = {**lines[at], "recorded_at": "2026-11-01T01:00:00.000000Z"}
    elif how == "remove":
        del lines[at]
    elif how == "insert":
        lines.insert(at, lines[at])
    elif how == "swap":
        other = data.draw(st.sampled_from(places))
        if lines[at]["stream"] != lines[other]["stream"] or at == other:
            return  # the order of different streams means nothing
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines = [line for line in lines if line.get("stream") != lines[at]["stream"]]
    assert not verify(lines).whole


@pytest.mark.requirement("N15")
@given(streams, st.data())
def test_a_rewritten_history_is_found_against_the_root_kept_elsewhere(
    lengths: dict[str, int], data: st.DataObject
) -> None:
    kept = root_of(export(lengths))
    victim = data.draw(st.sampled_from(sorted(lengths)))
    rewritten = export({**lengths, victim: lengths[victim] + 1})
    assert verify(rewritten).whole
    assert not verify(rewritten, kept).whole
    cut = {**lengths, victim: lengths[victim] - 1}
    assert not verify(export({name: n for name, n in cut.items() if n}), kept).whole


@given(st.lists(st.text(), max_size=5))
def test_no_text_at_all_raises(lines: list[str]) -> None:
    assert not chain.verify_lines(lines).whole


@given(st.binary(max_size=40), st.integers(0, 30))
def test_every_leaf_climbs_to_the_root(seed: bytes, count: int) -> None:
    leaves = [chain.leaf_hash(seed.hex(), n, seed) for n in range(count)]
    for place, leaf in enumerate(leaves):
        assert chain.climb(leaf, chain.merkle_proof(leaves, place)) == chain.merkle_root(leaves)
