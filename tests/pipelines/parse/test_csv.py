"""CSV: every field as it stands, by either reader, and where it stood."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.blocks.memory_budget import Budget
from tests.thorough import examples


def serialized(table: list[list[str | None]], end: str, always: bool) -> bytes:
    def field(value: str | None) -> str:
        if value is None:
            return ""
        plain = value and not always and not set(value) & set(',"\r\n')
        return value if plain else '"' + value.replace('"', '""') + '"'

    return "".join(",".join(map(field, row)) + end for row in table).encode()


LETTERS = st.sampled_from('ab1 ,"\r\n\t数—é') | st.characters(exclude_characters="\0\ufeff", codec="utf-8")
TEXT = st.text(LETTERS, max_size=6)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(st.none() | TEXT, min_size=width, max_size=width), max_size=6)
)


@settings(max_examples=examples(26, 80), deadline=None)
@given(table=TABLES, end=st.sampled_from(["\n", "\r\n"]), always=st.booleans(), chunk=st.sampled_from([8, 64, 1 << 20]))
def test_what_was_written_is_what_is_read(
    parser: Any, table: list[list[str | None]], end: str, always: bool, chunk: int
) -> None:
    header: list[str | None] = [f"c{number}" for number in range(len(table[0]) if table else 2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Budget, "block_bytes", chunk)
        outcome = parser(serialized([header, *table], end, always))
    assert outcome.rows == [tuple(row) for row in table if any(value is not None for value in row)]


PIECES = st.lists(st.sampled_from(["a", "b", ",", ",", "\n", "\n", "\r\n", '"', '""', " ", "数", ";"]), max_size=25)


@settings(max_examples=examples(37, 150), deadline=None)
@given(pieces=PIECES)
def test_the_fast_reader_never_says_other_than_the_careful_one(parser: Any, pieces: list[str]) -> None:
    body = ("x,y\n" + "".join(pieces)).encode()
    fast = parser(body, format={"type": "csv", "delimiter": ","})
    careful = parser(body, format={"type": "csv", "delimiter": ",", "comment": "\x01"})
    assert fast.parsed.problem == careful.parsed.problem
    if fast.parsed.problem is None:
        assert (fast.rows, fast.lines) == (careful.rows, careful.lines)


def test_a_plain_file_goes_the_fast_way_with_its_lines(parser: Any) -> None:
    outcome = parser(b'a,b\n 1 ,NULL\n,""\n"x, ""y""",NA\n')
    assert outcome.reader == "blocks"
    assert outcome.rows == [(" 1 ", "NULL"), (None, ""), ('x, "y"', "NA")]
    assert outcome.lines == [2, 3, 4]
    assert outcome.frame.select("_source", "_part").unique().rows() == [("data.csv", "")]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 100])
def test_a_last_line_without_an_end_needs_no_care(parser: Any, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Budget, "block_bytes", 6)
    outcome = parser(b"a,b\n" + b"1,2\n" * size + b"1,2")
    assert (outcome.rows, outcome.reader) == ([("1", "2")] * (size + 1), "blocks")


def test_numbers_stay_text_to_the_last_digit(parser: Any) -> None:
    row = ("007", "1.50", "1e3", "12345678901234567890", "NaN", "Infinity", "1900-01-01", "9999-12-31")
    assert parser(("a,b,c,d,e,f,g,h\n" + ",".join(row) + "\n").encode()).rows == [row]


def test_titles_and_footers_are_kept_in_the_report(parser: Any) -> None:
    body = "某市车流量\n导出：2026-03-01\na,b\n1,2\n3,4\n合计,6\n制表人：某\n".encode("gb18030")
    outcome = parser(body, format={"type": "csv", "title_rows": 2, "footer": "合计|制表"})
    assert outcome.rows == [("1", "2"), ("3", "4")]
    assert outcome.lines == [4, 5]
    assert [(skip["row"], skip["why"]) for skip in outcome.parsed.report["skipped"]] == [
        (1, "title"), (2, "title"), (6, "footer"), (7, "footer"),
    ]  # fmt: skip
    assert outcome.parsed.report["skipped"][0]["text"] == "某市车流量"


def test_titles_alone_leave_the_fast_way_open(parser: Any) -> None:
    outcome = parser(b"title, with comma\n\na,b\n1,2\n", format={"type": "csv", "title_rows": 2})
    assert (outcome.rows, outcome.lines, outcome.reader) == ([("1", "2")], [4], "blocks")


def test_comments_and_blank_lines_are_no_records(parser: Any) -> None:
    outcome = parser(b"a,b\n#x\n1,2\n\n3,4\n\n", format={"type": "csv", "comment": "#"})
    assert (outcome.rows, outcome.lines) == ([("1", "2"), ("3", "4")], [3, 5])
    assert outcome.parsed.report["skipped_rows"] == 3


def test_a_record_over_several_lines_is_found_by_its_first(parser: Any) -> None:
    outcome = parser(b'a,b\r\n1,"x\ny\r\nz"\r\n2,w\r\n')
    assert (outcome.rows, outcome.lines) == ([("1", "x\ny\r\nz"), ("2", "w")], [2, 5])
    assert outcome.parsed.report["notices"] == []


@pytest.mark.parametrize(
    ("encoding", "declared", "told"),
    [
        ("utf-8", None, "utf-8"),
        ("utf-8-sig", None, "utf-8"),
        ("utf-8-sig", "gb18030", "utf-8"),
        ("gb18030", None, "gb18030"),
        ("gb18030", "gb2312", "gb18030"),
        ("utf-16", None, "utf-16"),
        ("utf-16-le", "utf-16-le", "utf-16-le"),
        ("big5", "big5", "big5"),
    ],
)
def test_encodings_declared_marked_or_detected(parser: Any, encoding: str, declared: str | None, told: str) -> None:
    body = "站點,值\n中山路,1\n".encode(encoding)
    outcome = parser(body, format={"type": "csv", "encoding": declared})
    assert outcome.parsed.columns == ("站點", "值")
    assert outcome.rows == [("中山路", "1")]
    assert outcome.parsed.report["encoding"] == told


def test_gb18030_far_into_a_file_is_still_detected(parser: Any) -> None:
    outcome = parser(b"a,b\n" + b"1,2\n" * 100_000 + "中,文\n".encode("gb18030"))
    assert outcome.rows[-1] == ("中", "文")
    assert outcome.parsed.report["encoding"] == "gb18030"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_detected(parser: Any, delimiter: str) -> None:
    body = f'a{delimiter}b\n"1,5; 2"{delimiter}x y\n3{delimiter}4\n'.encode()
    outcome = parser(body)
    assert outcome.rows == [("1,5; 2", "x y"), ("3", "4")]
    assert outcome.parsed.report["delimiter"] == delimiter


def test_a_file_without_header_takes_the_contracts(parser: Any) -> None:
    outcome = parser(b"1,2\n3,4\n", format={"type": "csv", "header": ["a", "b"]})
    assert (outcome.parsed.columns, outcome.rows, outcome.lines) == (("a", "b"), [("1", "2"), ("3", "4")], [1, 2])
    marked = parser(b"\xef\xbb\xbf1,2\n", format={"type": "csv", "header": ["a", "b"]})
    assert marked.rows == [("1", "2")]


def test_nameless_columns_are_named_or_dropped(parser: Any) -> None:
    outcome = parser(b",a,,b,,\n1,2,3,4,,\n5,6,7,8\n")
    assert outcome.parsed.columns == ("column_1", "a", "column_3", "b")
    assert outcome.rows == [("1", "2", "3", "4"), ("5", "6", "7", "8")]


def test_one_column_is_a_table(parser: Any) -> None:
    assert parser(b"a\n1\n2").rows == [("1",), ("2",)]


def test_repeated_columns_that_hold_the_same_are_one_where_the_contract_says_so(parser: Any) -> None:
    same = {"type": "csv", "duplicate_columns": "same"}
    outcome = parser(b"a,b,a\n1,2,1\n,3,\n", format=same)
    assert (outcome.parsed.columns, outcome.rows) == (("a", "b"), [("1", "2"), (None, "3")])
    assert outcome.parsed.report["notices"][0]["columns"] == "a"
    assert parser(b"a,b,a\n1,2,1\n1,3,\n", format=same).parsed.problem.values["row"] == 3


def test_fields_from_the_name_become_columns(parser: Any) -> None:
    outcome = parser(b"v\n1\n", name="speed_6005.csv", name_fields=r"(?P<measure>[a-z]+)_(?P<detector>\d+)\.")
    assert outcome.parsed.columns == ("v", "measure", "detector")
    assert outcome.rows == [("1", "speed", "6005")]
    problem = parser(b"v\n1\n", name="other.csv", name_fields=r"(?P<detector>\d+)").parsed.problem
    assert (problem.code, problem.values["file"]) == ("NAME_UNMATCHED", "other.csv")


def test_parsing_again_gives_the_same_file(parser: Any) -> None:
    rows = random.Random(1)
    body = b"a,b\n" + b"".join(b"%d,%d\n" % (rows.randrange(99), number) for number in range(60_000))
    outcome = parser(body)
    assert outcome.lines == list(range(2, 60_002))
    assert outcome.rows == [tuple(line.split(",")) for line in body.decode().splitlines()[1:]]
    careful = parser(body, format={"type": "csv", "comment": "#"})
    assert careful.frame.drop("_receipt").equals(outcome.frame.drop("_receipt"))


def test_real_files_are_read_whole(parser: Any, shared_data: Path) -> None:
    outcome = parser((shared_data / "divisions/result.csv").read_bytes())
    assert (outcome.parsed.rows, outcome.parsed.columns[0]) == (6823, "代码")
    wide = (shared_data / "air_cnemc/china_sites_20140604.csv").read_bytes()
    outcome = parser(wide, format={"type": "csv", "duplicate_columns": "same"})
    assert (outcome.parsed.rows, len(outcome.parsed.columns)) == (360, 948)
