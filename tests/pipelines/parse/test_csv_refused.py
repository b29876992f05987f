"""CSV records that cannot be read: what is refused, what goes on, and what is read with a notice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import examples

HEAD = "a,b,c\n"
COMMA = {"type": "csv", "delimiter": ","}
REFUSED: dict[str, tuple[str, list[int], dict[int, str]]] = {
    "an open quote before a quoted row": ('1,x,3\n2,"abc,4\n3,y,5\n5,"q",7\n', [2, 4, 5], {3: '2,"abc,4'}),
    "an open quote before plain rows": ('1,x,3\n2,"abc,4\n3,y,5\n4,z,6\n', [2, 4, 5], {3: '2,"abc,4'}),
    "an open quote in the last row": ('1,x,3\n2,y,5\n3,"abc', [2, 3], {4: '3,"abc'}),
    "a text of several lines with quotes inside": (
        '1,x,3\n2,"He said "hi" there,\nand, again, ok\nbye",7\n4,z,6\n5,x,y\n',
        [2, 6, 7],
        {3: '2,"He said "hi" there,\nand, again, ok\nbye",7'},
    ),
    "a text of several lines in a row that is too long": (
        '1,x,3\n2,"one\ntwo\nthree",7,8\n4,z,6\n5,x,y\n',
        [2, 6, 7],
        {3: '2,"one\ntwo\nthree",7,8'},
    ),
    "delimiters that may be within quotes": ('1,x,3\n4,2",3"\n5,q,7\n', [2, 4], {3: '4,2",3"'}),
    "an extra delimiter in one row": ("1,x,\n2,,y,\n3,z,\n", [2, 4], {3: "2,,y,"}),
    "a delimiter too few": ("1,x,3\n2,y\n3,z,5\n", [2, 4], {3: "2,y"}),
    "NUL bytes in a text of several lines": ('1,x,3\n2,"a\n\0b",5\n3,y,6\n', [2, 5], {3: '2,"a\n\0b",5'}),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_bad_record_is_refused_with_its_text_and_nothing_else_is(parser: Any, kind: str) -> None:
    body, lines, refused = REFUSED[kind]
    outcome = parser((HEAD + body).encode(), format=COMMA)
    assert outcome.lines == lines
    assert {bad["_row"]: bad["text"] for bad in outcome.refused_rows} == refused


READ: dict[str, tuple[str, dict[str, Any], list[tuple[str | None, ...]], list[str]]] = {
    "inch marks": (
        '1,3" x 5" board,\n2,4" pipe,z\n',
        {},
        [("1", '3" x 5" board', None), ("2", '4" pipe', "z")],
        ["QUOTE_INSIDE"],
    ),
    "blanks outside quotes": ('"1" ,"x" , "y"\n', {}, [("1", "x", "y")], ["QUOTE_BLANKS"]),
    "empty cells after the last column": (
        "1,2,3,\n4,5,6,\n",
        {},
        [("1", "2", "3"), ("4", "5", "6")],
        ["CELLS_TRAILING"],
    ),
    "rows of delimiters": ("1,2,3\n,,\n,,,,\n", {}, [("1", "2", "3")], []),
    "a backslash before quotes": (
        '1,"say \\"hi\\"",3\n2,"a\\\\b",\\N\n',
        {},
        [("1", 'say "hi"', "3"), ("2", "a\\b", None)],
        ["ESCAPE_GUESSED"],
    ),
    "a declared backslash": (
        '1,x\\,y,3\n2,"C:\\temp",\\N\n',
        {"escape": "\\"},
        [("1", "x,y", "3"), ("2", "C:\\temp", None)],
        [],
    ),
    "a backslash as text": ('1,"C:\\",3\n2,\\N,4\n', {}, [("1", "C:\\", "3"), ("2", "\\N", "4")], []),
}


@pytest.mark.parametrize("kind", READ)
def test_what_is_odd_but_clear_is_read_and_reported(parser: Any, kind: str) -> None:
    body, words, rows, notices = READ[kind]
    outcome = parser((HEAD + body).encode(), format={**COMMA, **words})
    assert (outcome.rows, outcome.refused) == (rows, {})
    assert [notice.code for notice in outcome.parsed.notices] == notices


def test_a_backslash_that_a_row_contradicts_is_not_taken_for_an_escape(parser: Any) -> None:
    outcome = parser((HEAD + '1,"say \\"hi\\"",3\n2,"C:\\",4\n3,x,5\n').encode())
    assert (outcome.lines, outcome.refused) == ([3, 4], {2: "QUOTE_BROKEN"})
    assert outcome.parsed.notices == ()


def test_values_below_nameless_columns_get_a_name_that_no_other_column_has(parser: Any) -> None:
    outcome = parser(b"a,column_3,,\n1,2,,\n3,4,x,\n")
    assert outcome.parsed.columns == ("a", "column_3", "column_3_2")
    assert outcome.rows == [("1", "2", None), ("3", "4", "x")]


def test_the_text_of_a_refused_row_has_the_delimiter_of_the_file(parser: Any) -> None:
    outcome = parser(b"a||b\n1||2\n3||4||5\n6||7\n")
    assert [bad["text"] for bad in outcome.refused_rows] == ["3||4||5"]


PIECES = st.lists(st.sampled_from(["a", "1", ",", ",", "\n", "\n", '"', '""', '\\"', " ", "\0", "é"]), max_size=40)


@settings(max_examples=examples(37, 150), deadline=None)
@given(pieces=PIECES)
def test_every_line_is_read_refused_or_skipped_whatever_the_text(parser: Any, pieces: list[str]) -> None:
    body = HEAD + "x,y,z\n" * 50 + "".join(pieces) + "\nx,y,z\n"
    outcome = parser(body.encode(), format=COMMA)
    if outcome.parsed.problem is None:
        lines = [*outcome.lines, *(skip["row"] for skip in outcome.parsed.report["skipped"])]
        covered = dict.fromkeys(lines, 1)
        for bad in outcome.refused_rows:
            covered |= dict.fromkeys(range(bad["_row"], bad["_row"] + bad["text"].count("\n") + 1), 1)
        for row, line in zip(outcome.rows, outcome.lines, strict=True):
            covered |= dict.fromkeys(range(line, line + sum((value or "").count("\n") for value in row) + 1), 1)
        assert set(range(2, body.rstrip("\n").count("\n") + 2)) <= covered.keys()
        assert len(lines) == len(set(lines))


def test_a_strict_format_gives_what_the_lenient_one_gives_where_nothing_is_wrong(parser: Any) -> None:
    body = b'a,b\n1,"x\ny"\n2,z\n'
    strict, lenient = (parser(body, format={"type": "csv", "bad_rows": word}) for word in ("hold", "quarantine"))
    assert (strict.rows, strict.lines) == (lenient.rows, lenient.lines)
