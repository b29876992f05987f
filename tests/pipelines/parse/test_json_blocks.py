"""Records that are decoded as columns: the same rows and the same faults as one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.parse import flatten_json, json_blocks, json_line_blocks, json_reader, list_buffer
from citylake.pipelines.parse.json_columns import RecordDecoder
from citylake.pipelines.parse.json_lists import UnevenColumnsError
from citylake.pipelines.parse.json_reader import read_json
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.model.formats import JsonFormat
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples

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
NAMES = ['"a"', '"b"', '"\\u0061"', '"路"', '"a.x"', '""', '"_row"', '"q\\"q"']


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


@dataclass
class Reader:
    """Reads bytes with the reader of JSON: in blocks of some size, or record by record."""

    folder: Path
    count: int = 0

    def read(self, bodies: list[bytes], fmt: JsonFormat, size: int, *, alone: bool) -> tuple[Any, ...]:
        written: list[pl.DataFrame] = []

        def write(frame: pl.LazyFrame, *_: int) -> int:
            written.append(frame.collect())
            return len(written[-1])

        files = tuple(self._file(body) for body in bodies)
        request = ReadRequest(files, "in/a.json", self.folder, write)
        with pytest.MonkeyPatch.context() as patch:
            for module in (json_blocks, json_line_blocks):
                patch.setattr(module, "LEAST_BYTES", 0)
            patch.setattr(list_buffer, "BLOCK_BYTES", size)
            patch.setattr(RecordDecoder, "waits", lambda _: alone)
            try:
                found = read_json(request, fmt)
            except CitylakeError as error:
                return (error.problem,)
            except UnicodeEncodeError as error:
                return (error.object,)
        (frame,) = written
        return found, frame.columns, frame.rows()

    def same(self, bodies: list[bytes], fmt: JsonFormat, size: int) -> None:
        """Check that both ways give the same."""
        assert self.read(bodies, fmt, size, alone=False) == self.read(bodies, fmt, size, alone=True)

    def _file(self, body: bytes) -> Path:
        self.count += 1
        path = self.folder / f"{self.count}.json"
        path.write_bytes(body)
        return path


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(tmp_path_factory.mktemp("pages"))


SIZES = st.sampled_from([40, 100, 300, 1 << 20])
DAMAGE = [b"\xff", b"\xe8", b"\0", b'"', b"{", b""]
DOCUMENTS = [
    "[%s]",
    '{"a":{"rows":[%s]},"b":[{"c":[{}]},{}]}',
    '\ufeff{"路":1,\n"a" : {"rows": [ %s ] , "n": 1}}\n',
    '{"a":{"rows":[%s',
    '{"a":{"rows":[%s],"rows":[]}}',
    '{"a":{"rows":[%s]}} {',
]


@settings(max_examples=examples(75, 300), deadline=None)
@given(
    pages=st.lists(record_texts(), min_size=1, max_size=2),
    around=st.sampled_from(DOCUMENTS),
    between=st.sampled_from([",", ", ", "\n,\n  ", ",,"]),
    size=SIZES,
)
def test_pages_are_read_the_same_in_blocks(
    reader: Reader, pages: list[list[str]], around: str, between: str, size: int
) -> None:
    bodies = [(around % between.join(page)).encode() for page in pages]
    reader.same(bodies, JsonFormat(records=None if around.startswith("[") else "a.rows"), size)


@settings(max_examples=examples(75, 300), deadline=None)
@given(
    lines=record_texts(),
    ends=st.sampled_from([["\n"], ["\r\n"], ["\n", "\n", "\n\n", "\r\n", "\r", " ", ",", " \n", "\n\ufeff", "\n\0"]]),
    data=st.data(),
    size=SIZES,
)
def test_lines_are_read_the_same_in_blocks(
    reader: Reader, lines: list[str], ends: list[str], data: st.DataObject, size: int
) -> None:
    body = "".join(line + data.draw(st.sampled_from(ends)) for line in lines).encode()
    reader.same([body], JsonFormat(lines=True), size)


@settings(max_examples=examples(25, 100), deadline=None)
@given(
    st.lists(record_texts(), min_size=1, max_size=2),
    st.integers(0, 400),
    st.sampled_from([b"\xff", b"\xe8", b"\0", b'"', b"{", b""]),
)
def test_damaged_bytes_are_the_same_fault_in_blocks(
    reader: Reader, pages: list[list[str]], at: int, damage: bytes
) -> None:
    bodies = [f"[{','.join(page)}]".encode() for page in pages]
    reader.same([body[:at] + damage + body[at + 1 :] for body in bodies], JsonFormat(encoding="utf-8"), 100)


@pytest.mark.parametrize("lines", [False, True])
def test_records_that_are_alike_are_never_read_one_by_one(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, lines: bool
) -> None:
    monkeypatch.setattr(json_reader, "flatten_record", None)
    records = [f'{{"n":{number}.50,"t":"路:{number}","o":{{"x":null,"y":-0}}}}' for number in range(5000)]
    body = "".join(f"{record}\n" for record in records) if lines else f"[{','.join(records)}]"
    found, names, rows = reader.read([body.encode()], JsonFormat(lines=lines), 10_000, alone=False)
    assert (found.rows, names) == (5000, ["n", "t", "o.x", "o.y", "_part", "_row"])
    assert rows[4999] == ("4999.50", "路:4999", None, "-0", "", 5000)


ITEMS = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=3)
TABLES = st.integers(1, 5).flatmap(
    lambda count: st.dictionaries(
        st.sampled_from(["a", "b", "c.d", "e", ""]),
        st.lists(ITEMS, min_size=count, max_size=count) | st.lists(ITEMS | st.lists(ITEMS), max_size=count) | ITEMS,
    )
)


@settings(max_examples=examples(50, 200), deadline=None)
@given(
    table=TABLES, beside=st.dictionaries(st.sampled_from(["t.a", "f", "t.e"]), ITEMS), size=st.sampled_from([1, 3, 100])
)
def test_columns_as_lists_make_the_same_rows_at_once_as_one_by_one(
    table: dict[str, Any], beside: dict[str, Any], size: int
) -> None:
    record = {**beside, "t": table}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flatten_json, "BATCH_ROWS", size)
        made = outcome(lambda: list(flatten_json.frames_of_columns(record, "t") or ()))
    rows = outcome(lambda: list(flatten_json.flatten_columns(record, "t")))
    if made:
        assert (
            made == rows if isinstance(rows, str) else [row for each in made for row in each.frame.to_dicts()] == rows
        )


def outcome(run: Callable[[], Any]) -> Any:
    """What ``run`` returns, or its error as a text."""
    try:
        return run()
    except (ValueError, UnevenColumnsError) as error:
        return repr(error)
