"""Records that are decoded as columns: the same rows and the same faults as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.parse import json_blocks, json_line_blocks
from citylake.pipelines.parse.json_columns import RecordDecoder

NUMBERS = [
    "1.50",
    "1e3",
    "-0",
    "0",
    "7",
    "123456789012345678901234567890",
    "1E+400",
    "-0.0e-0",
    "true",
    "false",
    "null",
]
TEXTS = [
    '"x"',
    '""',
    '"a:b"',
    '":"',
    '"\\":"',
    '"\\u003a"',
    '"}, {"',
    '"}]"',
    '"路\\n段"',
    '"\\u8def\\ud83d\\ude00"',
    '"1.50"',
]
ODD = [
    "NaN",
    "-Infinity",
    "01",
    "1.",
    '"\\ud800"',
    '"\t"',
    '"\ufffd"',
    '"锟斤拷"',
    "[]",
    "[1,[2]]",
    "{}",
    '{"x":null}',
    "tru",
]
NESTED = ['{"x":1,"y":"a"}', '{"x":-0,"y":null}', '{"y":"b","x":2.0}', '{"x":{"z":1}}']
NAMES = ['"a"', '"b"', '"\\u0061"', '"路"', '"a.x"', '""', '"_row"']


@st.composite
def columns(draw: st.DrawFn) -> dict[str, st.SearchStrategy[str]]:
    """Strategies of the values by name: most records are alike, as those of a source are."""
    kinds = [st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.sampled_from(NESTED), st.just("null")]
    return {
        name: draw(st.sampled_from(kinds)) for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    }


@st.composite
def record_texts(draw: st.DrawFn) -> list[str]:
    plan, texts = draw(columns()), []
    colon, comma = draw(st.sampled_from([(":", ","), (": ", ", "), (" :\t", " ,  ")]))
    for _ in range(draw(st.integers(1, 8))):
        names = list(plan)
        change = draw(st.sampled_from(["", "", "", "", "order", "absent", "more", "twice", "odd"]))
        names = list(reversed(names)) if change == "order" else names[1:] if change == "absent" else names
        members = [(name, draw(plan[name])) for name in names]
        if change in ("more", "twice"):
            members.append(
                (draw(st.sampled_from(NAMES if change == "twice" else ['"new"'])), draw(st.sampled_from(NUMBERS)))
            )
        if change == "odd":
            members[-1:] = [('"odd"', draw(st.sampled_from(ODD + NUMBERS + TEXTS + NESTED)))]
        texts.append("{" + comma.join(f"{name}{colon}{value}" for name, value in members) + "}")
    return texts


@contextmanager
def settings_of_blocks(size: int, *, alone: bool) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (json_blocks, json_line_blocks):
            patch.setattr(module, "LEAST_BYTES", 0)
            patch.setattr(module, "BLOCK_BYTES", size)
        patch.setattr(RecordDecoder, "waits", lambda _: alone)
        yield


def outcomes(parser: Any, *bodies: bytes, size: int = 1 << 20, **source: Any) -> list[Any]:
    """What is read in blocks, and what is read record by record."""
    found = []
    for alone in (False, True):
        with settings_of_blocks(size, alone=alone):
            outcome = parser(*bodies, **source)
        parsed = outcome.parsed
        frame = [] if parsed.problem else outcome.frame.drop("_receipt").rows()
        found.append((parsed.problem, parsed.columns, parsed.report, frame))
    return found


SIZES = st.sampled_from([40, 100, 300, 1 << 20])


@settings(max_examples=int(__import__("os").environ.get("EX", "150")), deadline=None)
@given(
    pages=st.lists(record_texts(), min_size=1, max_size=2),
    around=st.sampled_from(
        [
            "[%s]",
            '{"a":{"rows":[%s]},"b":[{"c":[{}]},{}]}',
            '\ufeff{"b":1,\n"a" : {"rows": [ %s ] , "n": 1}}\n',
            '{"a":{"rows":[%s',
        ]
    ),
    between=st.sampled_from([",", ", ", "\n,\n  ", ",,"]),
    size=SIZES,
)
def test_pages_are_read_the_same_in_blocks(
    parser: Any, pages: list[list[str]], around: str, between: str, size: int
) -> None:
    bodies = [(around % between.join(page)).encode() for page in pages]
    records = {} if around.startswith("[") else {"records": "a.rows"}
    in_blocks, alone = outcomes(parser, *bodies, size=size, format={"type": "json", **records})
    assert in_blocks == alone


@settings(max_examples=int(__import__("os").environ.get("EX", "150")), deadline=None)
@given(
    lines=record_texts(),
    ends=st.sampled_from([["\n"], ["\r\n"], ["\n", "\n", "\n\n", "\r\n", "\r", " ", ",", " \n", "\n\ufeff", "\n\0"]]),
    data=st.data(),
    size=SIZES,
)
def test_lines_are_read_the_same_in_blocks(
    parser: Any, lines: list[str], ends: list[str], data: st.DataObject, size: int
) -> None:
    body = "".join(line + data.draw(st.sampled_from(ends)) for line in lines).encode()
    in_blocks, alone = outcomes(parser, body, size=size, format={"type": "json", "lines": True})
    assert in_blocks == alone
