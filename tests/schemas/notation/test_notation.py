import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.faults import CitylakeError
from schemas.notation import Format, parse, write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an18", Format("text", "an", 18, 18)),
        ("an..18", Format("text", "an", 0, 18)),
        ("AN..100", Format("text", "an", 0, 100)),
        ("an3..8", Format("text", "an", 3, 8)),
        ("n6", Format("text", "n", 6, 6)),
        ("n1", Format("text", "n", 1, 1)),
        ("n..17,2", Format("number", "n", 0, 17, 2)),
        ("n17,2", Format("number", "n", 17, 17, 2)),
        ("an5(aannn)", Format("text", "an", 5, 5, picture="aannn")),
        ("..ul", Format("text", None, 0, None)),
        ("an..ul", Format("text", "an", 0, None)),
        ("a..1000", Format("text", "a", 0, 1000)),
        ("YYYY", Format("date", "n", 4, 4, picture="YYYY")),
        ("YYYYMM", Format("date", "n", 6, 6, picture="YYYYMM")),
        ("YYYYMMDD", Format("date", "n", 8, 8, picture="YYYYMMDD")),
        ("hhmmss", Format("time", "n", 6, 6, picture="hhmmss")),
        ("YYYYMMDDhhmmss", Format("datetime", "n", 14, 14, picture="YYYYMMDDhhmmss")),
    ],
)
def test_dialect_a_reads_as_the_standard_says(text, expected):
    assert parse(text) == expected


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
def test_dialect_a_refuses_what_it_cannot_say(text):
    with pytest.raises(CitylakeError, match="cannot be read in dialect A") as caught:
        parse(text)
    assert caught.value.code == "FORMAT_UNREADABLE"


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("B", "c..ul", Format("text", None, 0, None)),
        ("B", "c2..20", Format("text", None, 2, 20)),
        ("B", "n..8,2", Format("number", "n", 0, 8, 2)),
        ("B", "n6", Format("number", "n", 6, 6, 0)),
        ("B", "d8", parse("YYYYMMDD")),
        ("B", "d14", parse("YYYYMMDDhhmmss")),
        ("B", "t4", parse("hhmm")),
        ("B", "bl", Format("boolean")),
        ("B", "bn JPEG", Format("binary", picture="JPEG")),
        ("C", "C6", Format("text", None, 6, 6)),
        ("C", "C..50", Format("text", None, 0, 50)),
        ("C", "C", Format("text")),
        ("C", "I..10", Format("number", "n", 0, 10, 0)),
        ("C", "D11.2", Format("number", "n", 0, 10, 2)),
        ("D", "AN..50", Format("text", "an", 0, 50)),
        ("D", "N6", Format("text", "n", 6, 6)),
        ("D", "N..10,2", Format("number", "n", 0, 10, 2)),
        ("D", "D8", parse("YYYYMMDD")),
        ("D", "DT15", parse("YYYYMMDDhhmmss")),
        ("D", "T6", parse("hhmmss")),
        ("D", "T/F", Format("boolean")),
    ],
)
def test_the_other_dialects_come_to_the_same_canonical_form(dialect, text, expected):
    assert parse(text, dialect) == expected


@pytest.mark.parametrize("text", ["C..", "C0", "D2.5", "I", "d8"])
def test_dialect_c_refuses_what_it_cannot_say(text):
    with pytest.raises(CitylakeError):
        parse(text, "C")


# domain table: text ≤50; code of 6 digits; decimal; date; datetime; boolean
@pytest.mark.parametrize(
    ("canonical", "a", "b", "c", "d"),
    [
        (Format("text", "an", 0, 50), "an..50", "c..50", "C..50", "AN..50"),
        (Format("text", "n", 6, 6), "n6", "c6", "C6", "N6"),
        (Format("number", "n", 0, 10, 2), "n..10,2", "n..10,2", "D11.2", "N..10,2"),
        (parse("YYYYMMDD"), "YYYYMMDD", "d8", "C8", "D8"),
        (parse("YYYYMMDDhhmmss"), "YYYYMMDDhhmmss", "d14", "C14", "DT15"),
        (Format("boolean"), "n1", "bl", "C1", "T/F"),
    ],
)
def test_one_format_is_written_in_every_dialect(canonical, a, b, c, d):
    assert tuple(write(canonical, dialect) for dialect in "ABCD") == (a, b, c, d)


def test_the_width_of_dialect_c_counts_the_point_and_dialect_a_does_not():
    assert parse("D11.2", "C").digits == parse("n..10,2").digits == 10


def test_a_dialect_without_a_word_for_it_says_so():
    with pytest.raises(CitylakeError) as caught:
        write(parse("DDhh"), "B")
    assert caught.value.code == "FORMAT_NOT_IN_DIALECT"


@st.composite
def formats(draw: st.DrawFn) -> Format:
    low = draw(st.integers(0, 40))
    high = draw(st.integers(max(low, 1), 60))
    if draw(st.booleans()):
        return Format("number", "n", low, high, draw(st.integers(0, high)))
    characters = draw(st.sampled_from(["a", "n", "an", None]))
    return Format("text", characters, low, draw(st.sampled_from([high, None])))


@given(formats())
def test_dialect_a_reads_back_what_it_writes(said):
    assert parse(write(said, "A"), "A") == said


@given(formats(), st.sampled_from("BCD"))
def test_what_a_dialect_loses_it_loses_once(said, dialect):
    text = write(said, dialect)
    assert write(parse(text, dialect), dialect) == text


@given(st.text("anYMDhmsul.,()0123456789", max_size=12), st.sampled_from("ABCD"))
def test_reading_refuses_or_gives_bounds_that_make_sense(text, dialect):
    try:
        said = parse(text, dialect)
    except CitylakeError:
        return
    assert said.max_length is None or said.min_length <= said.max_length
    assert said.scale is None or (said.kind == "number" and said.scale <= (said.max_length or said.scale))
