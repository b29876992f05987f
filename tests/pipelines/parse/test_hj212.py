"""Messages of HJ 212: every frame is a row, refused with its reason, or counted; no password is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.infra.city.protocols.hj212_frames import hj212_checksum, hj212_frame, hj212_message, hj212_segments
from citylake.pipelines.parse.hj212.crc import checksums, overlapping_sums, separate_sums
from citylake.pipelines.parse.hj212.frames import Piece, read_pieces
from citylake.pipelines.parse.hj212.message import Message, parse_message
from citylake.pipelines.parse.hj212.segments import Segment, SegmentStore
from tests.thorough import examples

PASSWORD = "735482"
HEAD = {
    "QN": "20260301010000001",
    "ST": "31",
    "CN": "2061",
    "PW": PASSWORD,
    "MN": "010000A8900016F000169DC0",
    "Flag": "5",
}
TIME = {"DataTime": "20260301000000"}
FACTORS = {
    "a21026": {"Min": "1.1", "Avg": "1.9", "Max": "2.5", "Flag": "N"},
    "a21002": {"Avg": "40", "Flag": "D"},
}
FORM = {"type": "hj212"}


def frame(text: str, encoding: str = "ascii") -> bytes:
    return hj212_frame(text.encode(encoding))


def message(factors: Any = FACTORS, values: Any = TIME, **head: str) -> str:
    return hj212_message({**HEAD, **head}, values, factors)


PLAIN = frame(message())
KNOWN = {
    "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&": 0x1C80,
    "QN=20180507000558;ST=39;CN=2011;PW=123456;MN=010000A00000000000A00654;CP=&&DataTime=20180507000558;"
    "a01001-Rtd=26.0,a01001-Flag=N;a01002-Rtd=30.4,a01002-Flag=N;a34001-Rtd=0.0,a34001-Flag=N;"
    "a34002-Rtd=24.0,a34002-Flag=N;a34004-Rtd=23.0,a34004-Flag=N&&": 0xD801,
}
"""Messages of the standard's annex and of a public parser, with their checksums."""


def test_a_row_for_each_factor(parser: Any) -> None:
    outcome = parser(PLAIN + frame(message(QN="2")), format=FORM)
    assert outcome.frame.select("QN", "factor", "factor-Avg", "factor-Flag", "factor-Rtd").rows() == [
        ("20260301010000001", "a21026", "1.9", "N", None),
        ("20260301010000001", "a21002", "40", "D", None),
        ("2", "a21026", "1.9", "N", None),
        ("2", "a21002", "40", "D", None),
    ]
    assert outcome.frame["offset"].to_list() == ["0", "0", f"{len(PLAIN)}", f"{len(PLAIN)}"]
    assert outcome.parsed.report["frames"] == outcome.parsed.report["messages"] == 2


def test_a_row_for_each_message(parser: Any) -> None:
    (row,) = parser(PLAIN, format={**FORM, "rows": "messages"}).frame.to_dicts()
    assert (row["MN"], row["DataTime"], row["a21026-Max"], row["a21002-Flag"]) == (
        HEAD["MN"],
        TIME["DataTime"],
        "2.5",
        "D",
    )


def test_the_checksums_are_those_of_the_standard(tmp_path: Path) -> None:
    for text, known in KNOWN.items():
        assert hj212_checksum(text.encode()) == known
        (tmp_path / "a").write_bytes(b"##%04d%s%04x" % (len(text), text.encode(), known))
        assert [piece.reason for piece in read_pieces([tmp_path / "a"])] == [None]


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=80), st.data())
def test_checksums_of_stretches_within_each_other_are_those_of_each_alone(data: bytes, draw: Any) -> None:
    place = st.integers(0, len(data) - 1)
    pairs = [sorted(each) for each in draw.draw(st.lists(st.tuples(place, place), min_size=1, max_size=20))]
    starts, lengths = np.array([a for a, _ in pairs]), np.array([b - a + 1 for a, b in pairs])
    assert checksums(data, starts, lengths).tolist() == [hj212_checksum(data[a : b + 1]) for a, b in pairs]
    values = np.frombuffer(data, np.uint8)
    assert (overlapping_sums(values, starts, lengths) == separate_sums(values, starts, lengths)).all()


def test_what_is_no_data_is_counted_by_its_command(parser: Any) -> None:
    others = [message({}, {}, CN="9014"), message({}, {"BeginTime": "1"}), message(CN="2011")]
    outcome = parser(PLAIN + b"".join(map(frame, others)), format={**FORM, "commands": ["2061"]})
    assert outcome.parsed.report["other_commands"] == {"2011": 1, "2061": 1, "9014": 1}
    assert (outcome.parsed.rows, outcome.refused) == (2, {})


def test_a_frame_that_cannot_be_read_is_refused_alone_with_its_text(parser: Any) -> None:
    bad_sum = PLAIN.replace(b"Avg=1.9", b"Avg=7.9")
    cut = PLAIN[:90] + b"\r\n"
    nothing, twice = frame(message({})), frame(message().replace("a21002-Avg", "a21026-Avg"))
    body = PLAIN + bad_sum + cut + b"2026-03-01 log\n" + nothing + twice + PLAIN * 6
    outcome = parser(body, format=FORM)
    codes = ["HJ212_CRC_WRONG", "HJ212_LENGTH_WRONG", "HJ212_NO_FRAME", "HJ212_NO_FACTOR", "HJ212_FIELD_BROKEN"]
    assert list(outcome.refused.values()) == codes
    assert outcome.parsed.rows == 14
    texts = [bad["text"] for bad in outcome.refused_rows]
    assert "Avg=7.9" in texts[0]
    assert texts[2] == "2026-03-01 log"
    assert not any(PASSWORD in f"{text}" for row in [*outcome.frame.rows(), *texts] for text in row)
    held = parser(body, format={**FORM, "bad_rows": "hold"}).parsed.problem
    assert (held.code, held.values["row"]) == ("HJ212_CRC_WRONG", 3)


def test_a_password_is_hidden_where_its_name_is_damaged(parser: Any) -> None:
    outcome = parser(PLAIN + PLAIN.replace(b";PW=", b";QW="), format=FORM)
    assert PASSWORD not in outcome.refused_rows[0]["text"]


def test_a_new_password_within_a_message_is_not_kept(parser: Any) -> None:
    outcome = parser(frame(message(values={**TIME, "PW": "990011"})) * 2, format=FORM)
    assert "PW" not in outcome.parsed.columns
    assert not any("990011" in f"{value}" for row in outcome.frame.rows() for value in row)


def test_a_file_without_frames_is_held(parser: Any) -> None:
    assert parser(b"a,b\n1,2\n", format=FORM).parsed.problem.code == "HJ212_NOT_FRAMES"
    beats = parser(frame(message({}, {}, CN="9014")), format=FORM)
    assert (beats.parsed.rows, [each.code for each in beats.parsed.notices]) == (0, ["HEADER_ONLY"])


def test_segments_are_joined_in_any_order(parser: Any) -> None:
    parts = [{name: values} for name, values in FACTORS.items()]
    first, second = map(frame, hj212_segments({**HEAD, "Flag": "7"}, TIME, parts))
    for order in (first + PLAIN + second, second + second + first + PLAIN):
        outcome = parser(order, format=FORM)
        assert sorted(outcome.frame["factor"].to_list()) == ["a21002", "a21002", "a21026", "a21026"]
    assert outcome.parsed.report["repeated_segments"] == 1


def test_a_missing_segment_is_reported_with_those_that_came(parser: Any) -> None:
    first, second, _ = map(frame, hj212_segments({**HEAD, "Flag": "7"}, TIME, [{f"a{n}": {"Avg": "1"}} for n in "123"]))
    outcome = parser(first + PLAIN * 3 + second, format=FORM)
    assert [(bad["code"], bad["value"], bad["detail"]) for bad in outcome.refused_rows] == [
        ("HJ212_SEGMENT_MISSING", "2", "3")
    ] * 2
    wrong = frame(message(PNUM="2", PNO="3", Flag="7"))
    assert list(parser(PLAIN * 2 + wrong, format=FORM).refused.values()) == ["HJ212_SEGMENT_WRONG"]


def test_segments_that_wait_are_bounded() -> None:
    store = SegmentStore()
    for number in range(5):
        text = hj212_segments({**HEAD, "Flag": "7", "QN": f"{number}"}, TIME, [FACTORS, {}])[0]
        parsed = parse_message(text)
        assert isinstance(parsed, Message)
        assert store.add(Segment(Piece("", number, text.encode()), parsed)) is None
    assert [piece.offset for piece, _ in store.given_up(2)] == [0, 1, 2]


def test_texts_are_gbk(parser: Any) -> None:
    text = message({"i11001": {"Info": "泵故障"}})
    assert parser(frame(text, "gb18030"), format={**FORM, "rows": "messages"}).frame["i11001-Info"].to_list() == [
        "泵故障"
    ]
    wrong = parser(PLAIN * 2 + frame(text, "gb18030"), format={**FORM, "encoding": "utf-8"})
    assert list(wrong.refused.values()) == ["HJ212_TEXT_UNREADABLE"]


WORD = st.text("abcxyz0189.#&-", min_size=1, max_size=6).filter(
    lambda text: "&&" not in text and not text.startswith("-")
)
NAME = st.text("abw0123456789", min_size=1, max_size=8)
SAID = st.dictionaries(
    NAME, st.dictionaries(st.sampled_from(["Rtd", "Avg", "Min", "Flag"]), WORD, min_size=1), min_size=1
)


@settings(deadline=None)
@given(SAID, st.integers(0, 9))
def test_what_is_written_is_read(factors: dict[str, Any], flag: int) -> None:
    parsed = parse_message(hj212_message({**HEAD, "Flag": f"{flag}"}, TIME, factors))
    assert isinstance(parsed, Message)
    assert parsed.factors == factors
    assert parsed.head == {name: value for name, value in {**HEAD, "Flag": f"{flag}"}.items() if name != "PW"}


@pytest.mark.parametrize("rows", ["factors", "messages"])
@settings(max_examples=examples(8, 25), deadline=None)
@given(
    st.lists(
        st.tuples(SAID, st.sampled_from(["2061", "2011", ""]), st.sampled_from(["", "x;", " ", "y=,;"])), max_size=5
    )
)
def test_a_layout_that_is_known_is_read_as_it_was_the_first_time(parser: Any, rows: str, said: list[Any]) -> None:
    messages = [message(each, {"DataTime": "1", "Note": ""}, CN=command) for each, command, _ in said]
    texts = [text.replace("CP=", f"{noise}CP=") for text, (_, _, noise) in zip(messages, said, strict=True)]
    body = b"".join(frame(text) for text in (*texts, message()))
    once, twice = (
        parser(body * times, format={**FORM, "rows": rows, "commands": ["2061", "2011"]}) for times in (1, 2)
    )
    if once.parsed.problem:
        assert twice.parsed.problem.code == once.parsed.problem.code
        return
    first = once.frame[once.parsed.columns].drop("offset").to_dicts()
    assert twice.frame[once.parsed.columns].drop("offset").to_dicts() == first * 2
    assert sorted([*twice.lines, *twice.refused]) == list(range(1, 2 * (len(first) + len(once.refused)) + 1))
    assert twice.parsed.report["messages"] == 2 * once.parsed.report["messages"]


@settings(max_examples=examples(13, 40), deadline=None)
@given(st.lists(SAID, min_size=1, max_size=6), st.integers(1, 40), st.data())
def test_a_stream_is_the_same_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, said: list[Any], chunk: int, data: Any
) -> None:
    folder = tmp_path_factory.getbasetemp()
    messages = [message(each, QN=f"{number}").encode() for number, each in enumerate(said)]
    body = b"".join(map(hj212_frame, messages))
    place = data.draw(st.integers(0, len(body)))
    (folder / "a").write_bytes(body[:place])
    (folder / "b").write_bytes(body[place:])
    pieces = list(read_pieces([folder / "a", folder / "b"], chunk))
    assert [(piece.message, piece.reason) for piece in pieces] == [(each, None) for each in messages]


@settings(deadline=None)
@given(st.integers(0, len(PLAIN) - 3), st.integers(1, 255), st.integers(3, 2000))
def test_any_wrong_byte_of_a_frame_is_found_and_the_next_frame_is_read(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int, chunk: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped"
    damaged = bytearray(PLAIN)
    damaged[place] ^= change
    path.write_bytes(PLAIN + bytes(damaged) + PLAIN)
    pieces = list(read_pieces([path], chunk))
    good = [piece for piece in pieces if piece.reason is None]
    same_sum = place >= len(PLAIN) - 6 and bytes(damaged).upper() == PLAIN
    assert [piece.message for piece in good] == [PLAIN[6:-6]] * (3 if same_sum else 2)
    assert same_sum or len(pieces) > len(good)
    assert pieces[0].reason is pieces[-1].reason is None


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([PLAIN, PLAIN[:40], b"##9999", b"##0000", b"##12", b"\n", b"x\ny", PLAIN[6:]]), max_size=12
    )
)
def test_no_byte_vanishes(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    path, body = tmp_path_factory.getbasetemp() / "bytes", b"".join(parts)
    path.write_bytes(body)
    found = [list(read_pieces([path], chunk)) for chunk in (7, 1 << 20)]
    assert found[0] == found[1]
    kept = b"".join(each.text for each in found[0])
    assert b"".join(kept.split()) == b"".join(body.split())
