from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.notation import ValueFormat, parse_format, write_format
from citylake.schemas.notation.value_format import NotationDialect
from citylake.schemas.words.errors import CitylakeError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an18", ValueFormat("text", "an", 18, 18)),
        ("an..18", ValueFormat("text", "an", 0, 18)),
        ("AN..100", ValueFormat("text", "an", 0, 100)),
        ("an3..8", ValueFormat("text", "an", 3, 8)),
        ("n6", ValueFormat("text", "n", 6, 6)),
        ("n1", ValueFormat("text", "n", 1, 1)),
        ("n..17,2", ValueFormat("number", "n", 0, 17, 2)),
        ("n17,2", ValueFormat("number", "n", 17, 17, 2)),
        ("an5(aannn)", ValueFormat("text", "an", 5, 5, picture="aannn")),
        ("..ul", ValueFormat("text", None, 0, None)),
        ("an..ul", ValueFormat("text", "an", 0, None)),
        ("a..1000", ValueFormat("text", "a", 0, 1000)),
        ("YYYY", ValueFormat("date", "n", 4, 4, picture="YYYY")),
        ("YYYYMM", ValueFormat("date", "n", 6, 6, picture="YYYYMM")),
        ("YYYYMMDD", ValueFormat("date", "n", 8, 8, picture="YYYYMMDD")),
        ("hhmmss", ValueFormat("time", "n", 6, 6, picture="hhmmss")),
        ("YYYYMMDDhhmmss", ValueFormat("datetime", "n", 14, 14, picture="YYYYMMDDhhmmss")),
    ],
)
def test_dialect_a_reads_as_the_standard_says(text: str, expected: ValueFormat) -> None:
    assert parse_format(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "an",
        "n..",
        "",
        "an5(aan)",
        "n5(aannn)",
        "n8..3",
        "a..10,2",
        "n..2,5",
        "n0",
        "YYYYmm",
        "YYYYMMDDss",
        "x5",
        "c..50",
    ],
)
def test_dialect_a_refuses_what_it_cannot_say(text: str) -> None:
    with pytest.raises(CitylakeError, match="cannot be read in dialect A") as caught:
        parse_format(text)
    assert caught.value.code == "FORMAT_UNREADABLE"


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("B", "c..ul", ValueFormat("text", None, 0, None)),
        ("B", "c2..20", ValueFormat("text", None, 2, 20)),
        ("B", "n..8,2", ValueFormat("number", "n", 0, 8, 2)),
        ("B", "n6", ValueFormat("number", "n", 6, 6, 0)),
        ("B", "d8", parse_format("YYYYMMDD")),
        ("B", "d14", parse_format("YYYYMMDDhhmmss")),
        ("B", "t4", parse_format("hhmm")),
        ("B", "bl", ValueFormat("boolean")),
        ("B", "bn JPEG", ValueFormat("binary", picture="JPEG")),
        ("C", "C6", ValueFormat("text", None, 6, 6)),
        ("C", "C..50", ValueFormat("text", None, 0, 50)),
        ("C", "C", ValueFormat("text")),
        ("C", "I..10", ValueFormat("number", "n", 0, 10, 0)),
        ("C", "D11.2", ValueFormat("number", "n", 0, 10, 2)),
        ("D", "AN..50", ValueFormat("text", "an", 0, 50)),
        ("D", "N6", ValueFormat("text", "n", 6, 6)),
        ("D", "N..10,2", ValueFormat("number", "n", 0, 10, 2)),
        ("D", "D8", parse_format("YYYYMMDD")),
        ("D", "DT15", parse_format("YYYYMMDDhhmmss")),
        ("D", "T6", parse_format("hhmmss")),
        ("D", "T/F", ValueFormat("boolean")),
    ],
)
def test_the_other_dialects_come_to_the_same_canonical_form(
    dialect: NotationDialect, text: str, expected: ValueFormat
) -> None:
    assert parse_format(text, dialect) == expected


@pytest.mark.parametrize("text", ["C..", "C0", "D2.5", "I", "d8"])
def test_dialect_c_refuses_what_it_cannot_say(text: str) -> None:
    with pytest.raises(CitylakeError):
        parse_format(text, "C")


# domain table: text ≤50; code of 6 digits; decimal; date; datetime; boolean
@pytest.mark.parametrize(
    ("canonical", "a", "b", "c", "d"),
    [
        (ValueFormat("text", "an", 0, 50), "an..50", "c..50", "C..50", "AN..50"),
        (ValueFormat("text", "n", 6, 6), "n6", "c6", "C6", "N6"),
        (ValueFormat("number", "n", 0, 10, 2), "n..10,2", "n..10,2", "D11.2", "N..10,2"),
        (parse_format("YYYYMMDD"), "YYYYMMDD", "d8", "C8", "D8"),
        (parse_format("YYYYMMDDhhmmss"), "YYYYMMDDhhmmss", "d14", "C14", "DT15"),
        (ValueFormat("boolean"), "n1", "bl", "C1", "T/F"),
    ],
)
def test_one_format_is_written_in_every_dialect(canonical: ValueFormat, a: str, b: str, c: str, d: str) -> None:
    assert tuple(write_format(canonical, dialect) for dialect in get_args(NotationDialect)) == (a, b, c, d)


def test_the_width_of_dialect_c_counts_the_point_and_dialect_a_does_not() -> None:
    assert parse_format("D11.2", "C").digits == parse_format("n..10,2").digits == 10


def test_a_dialect_without_a_word_for_it_says_so() -> None:
    with pytest.raises(CitylakeError) as caught:
        write_format(parse_format("DDhh"), "B")
    assert caught.value.code == "FORMAT_NOT_IN_DIALECT"


@st.composite
def formats(draw: st.DrawFn) -> ValueFormat:
    low = draw(st.integers(0, 40))
    high = draw(st.integers(max(low, 1), 60))
    if draw(st.booleans()):
        return ValueFormat("number", "n", low, high, draw(st.integers(0, high)))
    characters: Any = draw(st.sampled_from(["a", "n", "an", None]))
    return ValueFormat("text", characters, low, draw(st.sampled_from([high, None])))


@given(formats())
def test_dialect_a_reads_back_what_it_writes(said: ValueFormat) -> None:
    assert parse_format(write_format(said, "A"), "A") == said


@given(formats(), st.sampled_from("BCD"))
def test_what_a_dialect_loses_it_loses_once(said: ValueFormat, dialect: NotationDialect) -> None:
    text = write_format(said, dialect)
    assert write_format(parse_format(text, dialect), dialect) == text


@given(st.text("anYMDhmsul.,()0123456789", max_size=12), st.sampled_from("ABCD"))
def test_reading_refuses_or_gives_bounds_that_make_sense(text: str, dialect: NotationDialect) -> None:
    try:
        said = parse_format(text, dialect)
    except CitylakeError:
        return
    assert said.max_length is None or said.min_length <= said.max_length
    assert said.scale is None or (said.kind == "number" and said.scale <= (said.max_length or said.scale))
