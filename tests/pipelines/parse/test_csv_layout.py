"""Where the table stands in a delimited file, by the contract's words and by what can be recognised."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from citylake.schemas.model.formats import CsvFormat
from citylake.schemas.words.message_catalogue import render_issue

TWO_ROWS = [("1", "a"), ("2", "b")]


def skipped(outcome: Any) -> list[tuple[int, str]]:
    return [(line["row"], line["why"]) for line in outcome.parsed.report["skipped"]]


def codes(outcome: Any) -> list[str]:
    return [notice["code"] for notice in outcome.parsed.report["notices"]]


def test_lines_of_units_below_the_header_are_skipped_and_reported(parser: Any) -> None:
    outcome = parser(
        b"t\nid,name\n[-],[text]\nint,string\n1,a\n2,b\n",
        format={"type": "csv", "title_rows": 1, "skip_after_header": 2},
    )
    assert (outcome.parsed.columns, outcome.rows, outcome.lines) == (("id", "name"), TWO_ROWS, [5, 6])
    assert skipped(outcome) == [(1, "title"), (3, "below_header"), (4, "below_header")]
    assert outcome.reader == "blocks"


def test_a_row_of_hxl_tags_is_recognised(parser: Any) -> None:
    outcome = parser(b"id,name\n#adm1 +code,#adm1+name\n1,a\n2,b\n")
    assert (outcome.rows, outcome.lines, skipped(outcome)) == (TWO_ROWS, [3, 4], [(2, "hxl")])
    named = parser(b"#adm1+code,#adm1+name\n1,a\n2,b\n", format={"type": "csv", "header": ["id", "name"]})
    assert (named.rows, skipped(named)) == (TWO_ROWS, [(1, "hxl")])
    assert parser(b"id,name\n#1 road,b\n").rows == [("#1 road", "b")]


def test_comments_and_blank_lines_above_the_header_are_skipped(parser: Any) -> None:
    outcome = parser(b"# made by x\n# on day 1\n\n,\nid,name\n1,a\n#,b\n2,b\n", format={"type": "csv", "comment": "#"})
    assert (outcome.parsed.columns, outcome.rows, outcome.lines) == (("id", "name"), TWO_ROWS, [6, 8])
    assert skipped(outcome) == [(1, "comment"), (2, "comment"), (3, "blank"), (4, "blank"), (7, "comment")]


_DAYS = "".join(f"S{day},2024-01-{day:02d},{day}.5\n" for day in range(1, 13))


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "\ufeffsep=;"])
def test_a_line_that_declares_the_delimiter_is_followed(parser: Any, first: str) -> None:
    outcome = parser(f"{first}\r\nid,x;name\r\n1;a\r\n2;b\r\n".encode())
    assert (outcome.parsed.columns, outcome.rows, outcome.lines) == (("id,x", "name"), TWO_ROWS, [3, 4])
    assert skipped(outcome) == [(1, "separator")]
    named = parser(f"{first}\r\n1;a\r\n2;b\r\n".encode(), format={"type": "csv", "header": ["id", "name"]})
    assert named.rows == TWO_ROWS


@pytest.mark.parametrize("sign", ["^", "~", "#", ":", "\x01", "\x1f", "||", "::", "~|~", "¦", "，", "§"])
def test_a_rare_delimiter_is_read_and_reported(parser: Any, sign: str) -> None:
    body = sign.join(("id", "name")) + "\n" + sign.join(("1", "a")) + "\n" + sign.join(("2", f'"b{sign}b"')) + "\n"
    for form in ({"type": "csv", "delimiter": sign}, {"type": "csv"}):
        outcome = parser(body.encode(), format=form)
        assert (outcome.parsed.columns, outcome.rows) == (("id", "name"), [("1", "a"), ("2", f"b{sign}b")]), form
        assert codes(outcome) == ([] if "delimiter" in form else ["DELIMITER_GUESSED"])
        assert outcome.parsed.report["delimiter"] == sign


def test_runs_of_blanks_divide_columns_where_declared(parser: Any) -> None:
    body = b'  id   name\tcity\n1 "a  b"  x\n 22\ty "z\nz"\n'
    outcome = parser(body, format={"type": "csv", "delimiter": "whitespace"})
    assert outcome.parsed.columns == ("id", "name", "city")
    assert (outcome.rows, outcome.lines) == ([("1", "a  b", "x"), ("22", "y", "z\nz")], [2, 3])


def test_one_column_that_may_be_several_is_reported_with_the_likely_delimiters(parser: Any) -> None:
    outcome = parser(b"first name\nJohn Smith\nMary Jones\n")
    assert (outcome.parsed.columns, codes(outcome)) == (("first name",), ["COLUMN_SINGLE"])
    assert "whitespace" in outcome.parsed.report["notices"][0]["delimiters"]
    assert codes(parser(b"first name\nJohn Smith\nMary Jones\n", format={"type": "csv", "delimiter": ","})) == []
    assert codes(parser(b"name\nJohn Smith\nMary\n")) == []


def test_the_delimiter_is_the_one_of_most_lines(parser: Any) -> None:
    assert parser(b"a;b\n1,5;2,5\n1,5;2\n").rows == [("1,5", "2,5"), ("1,5", "2")]
    assert parser(b"name;place\nx;Rome, Italy\ny;Oslo, Norway\n").parsed.columns == ("name", "place")


def test_duplicate_columns_are_renamed_and_reported(parser: Any) -> None:
    form = {"type": "csv", "duplicate_columns": "rename"}
    outcome = parser(b"id,name,id,id_2,id\n1,a,7,8,9\n", format=form)
    assert outcome.parsed.columns == ("id", "name", "id_3", "id_2", "id_4")
    assert codes(outcome) == ["COLUMN_RENAMED"]
    problem = parser(b"id,name,id\n1,a,7\n").parsed.problem
    assert problem.code == "HEADER_DUPLICATE"
    assert "duplicate_columns: rename" in render_issue(problem.code, problem.values, "en")


@pytest.mark.parametrize(
    "body",
    [
        "2015-06-01,10,ok\n2015-06-02,11,ok\n",
        "2015-06-01 10:00;1,5\n2015-06-01 11:00;1,7\n",
        "35.2,116.1,7\n35.3,116.2,9\n35.9,116.0,3\n",
        "A1,10,ok\nA2,11,ok\nA3,12,late\n",
    ],
)
def test_a_record_in_place_of_the_header_is_never_taken_in_silence(parser: Any, body: str) -> None:
    outcome = parser(body.encode())
    width = len(body.splitlines()[0].replace(";", " ; ").split(";" if ";" in body else ","))
    names = [f"column_{number}" for number in range(1, width + 1)]
    assert outcome.parsed.problem.code == "HEADER_IS_DATA"
    assert f"header: [{', '.join(names)}]" in render_issue("HEADER_IS_DATA", outcome.parsed.problem.values, "en")
    assert parser(body.encode(), format={"type": "csv", "header": names}).parsed.rows == body.count("\n")
    assert parser(body.encode(), format={"type": "csv", "header": True}).parsed.rows == body.count("\n") - 1


@pytest.mark.parametrize(
    "body",
    [
        "country,2001,2002\nA,5,6\nB,7,8\n",
        "country,2001,2005\nA,1234,2345\nB,4321,1999\n",
        "station,1,2,3,4\nA,5,2,7,0\nB,2,2,9,5\n",
        "2001,2002,2003\n5,9,6\n7,7,8\n",
        "date,1001A,1002A\n20140604,5,6\n20140604,7,8\n",
        "hour,0,1,2,3\n2024-01-01,5,6,7,8\n2024-01-02,7,8,1,2\n",
        "station,2015-06-01,2015-06-02\nA1,1.5,2.5\nA2,3,4\n",
        "no1,no2\n5,6\n",
        "a1\n1\n",
    ],
)
def test_numbers_as_names_of_columns_are_a_header(parser: Any, body: str) -> None:
    outcome = parser(body.encode())
    assert outcome.parsed.problem is None
    assert (outcome.parsed.rows, codes(outcome)) == (body.count("\n") - 1, [])


def test_a_doubtful_header_is_reported(parser: Any) -> None:
    outcome = parser(b"city,101,140,205\nA,5,6,9\nB,7,8,9\nC,7,8,9\n")
    assert (codes(outcome), outcome.parsed.rows) == (["HEADER_LIKE_DATA"], 3)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            "Invoices of June 2015,,,\n,,,\nUnit,Date,To,Amount\nC,01/06/2015,A,3.1\nC,02/06/2015,B,4.2\n",
            2,
        ),
        ("Table 1: population\na,b,c\nx,1,2\ny,3,4\n", 1),
        ("某市车流量\n导出：2026-03-01\n站点;日期;流量\nA;2026-03-01;5\nB;2026-03-01;6\n", 2),
    ],
)
def test_a_title_in_place_of_the_header_is_refused_with_the_number_of_lines(parser: Any, body: str, lines: int) -> None:
    problem = parser(body.encode()).parsed.problem
    assert problem.code == "HEADER_IS_TITLE"
    for language in ("zh", "en"):
        assert f"title_rows: {lines}" in render_issue(problem.code, problem.values, language)
    told = parser(body.encode(), format={"type": "csv", "title_rows": lines})
    assert told.parsed.rows == body.count("\n") - lines - 1


def test_delimiters_are_written_as_signs() -> None:
    assert CsvFormat(delimiter="\\t").delimiter == "\t"
    assert CsvFormat(delimiter="\\x01").delimiter == "\x01"
    for wrong in ("tab", "comma", "x", '"', "\n"):
        with pytest.raises(ValidationError):
            CsvFormat(delimiter=wrong)
    with pytest.raises(ValidationError):
        CsvFormat(header=("a",), skip_after_header=1)


@pytest.mark.parametrize(
    ("above", "below", "words", "row"),
    [
        ("", "", {"skip_after_header": 1}, 2),
        (",,ug/m3\n", "", {"skip_after_header": 1}, None),
        ("1,2,3\n", "", {"skip_after_header": 1}, None),
        ("", f"Total,,9\n{_DAYS}", {"footer": "^Total"}, 15),
        ("", "Total,,9\nMean,,4\nSource: the city\n", {"footer": "^Total"}, None),
        ("#1,2024-01-01,5\n", "", {"comment": "#"}, 2),
        ("# by A, then B, then C\n", "", {"comment": "#"}, None),
    ],
)
def test_records_that_a_word_skips_are_reported(
    parser: Any, above: str, below: str, words: dict[str, Any], row: int | None
) -> None:
    outcome = parser(f"station,day,pm\n{above}{_DAYS}{below}".encode(), format={"type": "csv", **words})
    found = [(each["code"], each["row"], each["word"]) for each in outcome.parsed.report["notices"]]
    assert found == ([("SKIPPED_LIKE_DATA", row, *words)] if row else [])


@pytest.mark.parametrize("body", [b"*,^a.*$,ab\n1,2,3\n", b'*,^a.*$,ab\n1,2,"3\n4"\n'])
def test_names_that_look_like_patterns_are_names(parser: Any, body: bytes) -> None:
    outcome = parser(body)
    assert outcome.parsed.columns == ("*", "^a.*$", "ab")
    assert [row[:2] for row in outcome.rows] == [("1", "2")]
