"""Messages of JT/T 808: every frame gives rows, is refused with its reason, or is counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.infra.city.protocols.jt808_frames import (
    jt808_batch,
    jt808_content,
    jt808_frame,
    jt808_position,
    jt808_subpackages,
)
from citylake.pipelines.parse.jt808.frames import LONGEST, Frame, read_frames
from citylake.pipelines.parse.jt808.message import Message, read_message
from citylake.pipelines.parse.jt808.positions import read_positions
from citylake.pipelines.parse.jt808.subpackages import Subpackage, SubpackageStore

FORM = {"type": "jt808"}
PHONE = "19900000001"
PLACE = {
    "alarm": 2,
    "status": 3,
    "latitude": 30_480_126,
    "longitude": 120_940_125,
    "altitude": 12,
    "speed": 635,
    "direction": 90,
}
TIME = "260301080000"
BODY = jt808_position(PLACE, TIME, {1: (1234).to_bytes(4)})
PLAIN = jt808_frame(jt808_content(0x0200, PHONE, 7, BODY))
HEARTBEAT = jt808_frame(jt808_content(0x0002, PHONE, 8, b""))
KNOWN_2013 = "7e0200001c014100000001000100000000000000030157fafc06cc62ac000c0164005a2603011200000c7e"
KNOWN_2019 = (
    "7e02004026010000000001391234432900000000006f0000001601dc9a07"
    "07456246007b004200032501292233440202006401040000000c417e"
)
KNOWN_BATCH = (
    "7e0704403f01000000000139123443290000000200001c000000010000000101d907f2073d336c029a00210059241029213903001c"
    "000000010000000101d907f3073d336d03090043005a241029213903f87e"
)
"""Messages that public codecs publish with what they mean."""


def test_messages_of_public_codecs_are_read_as_they_say(parser: Any) -> None:
    rows = parser(bytes.fromhex(KNOWN_2013 + KNOWN_2019 + KNOWN_BATCH), format=FORM).frame.to_dicts()
    names = ("version", "phone", "latitude", "longitude", "altitude", "speed", "direction", "time", "mileage")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (None, "14100000001", "22.543100", "114.057900", "12", "35.6", "90", "260301120000", None),
        ("1", "13912344329", "-31.234567", "121.987654", "123", "6.6", "3", "250129223344", "1.2"),
        ("1", "13912344329", "31.000562", "121.451372", "666", "3.3", "89", "241029213903", None),
        ("1", "13912344329", "31.000563", "121.451373", "777", "6.7", "90", "241029213903", None),
    ]
    assert [row["item"] for row in rows] == [None, None, "1", "2"]
    assert (rows[1]["alarm"], rows[1]["alarm-bits"], rows[1]["status-bits"]) == ("0000006f", "0;1;2;3;5;6", "1;2;4")
    assert rows[1]["item-02"] == "0064"


def test_frames_may_share_a_flag_and_stand_on_lines(parser: Any) -> None:
    outcome = parser(PLAIN + PLAIN[1:] + b"\r\n" + PLAIN + b"\n", format=FORM)
    assert outcome.frame["offset"].to_list() == ["1", f"{len(PLAIN)}", f"{2 * len(PLAIN) + 2}"]
    assert outcome.refused == {}


def test_what_is_no_position_is_counted_by_its_message(parser: Any) -> None:
    outcome = parser(PLAIN + HEARTBEAT * 2, format=FORM)
    report = outcome.parsed.report
    assert (report["frames"], report["messages"], report["other_messages"]) == (3, 1, {"0002": 2})
    beats = parser(HEARTBEAT, format=FORM)
    assert (beats.parsed.rows, [each.code for each in beats.parsed.notices]) == (0, ["HEADER_ONLY"])


def test_a_frame_that_cannot_be_read_is_refused_alone_with_its_bytes(parser: Any) -> None:
    good = jt808_content(0x0200, PHONE, 7, BODY)
    bad_sum = PLAIN.replace(TIME_BYTES, b"\x27" + TIME_BYTES[1:])
    bad_escape = b"\x7e" + good + b"\x7d\x05\x7e"
    long = jt808_frame(good[:3] + bytes([good[3] + 1]) + good[4:])
    cut_item = jt808_frame(jt808_content(0x0200, PHONE, 7, BODY + b"\x02\x09\x00"))
    secret = jt808_frame(good[:2] + bytes([good[2] | 0x04]) + good[3:])
    body = b"\x01\x02" + PLAIN * 5 + bad_sum + bad_escape + long + cut_item + secret + PLAIN + b"\x02\x00"
    outcome = parser(body, format=FORM)
    ends = ["CHECKSUM_WRONG", "ESCAPE_WRONG", "LENGTH_WRONG", "BODY_WRONG", "ENCRYPTED"]
    assert list(outcome.refused.values()) == [f"JT808_{end}" for end in ("NO_FRAME", *ends, "NO_FRAME")]
    assert outcome.parsed.rows == 6
    assert outcome.refused_rows[1]["text"] == bad_sum[1:-1].hex()
    held = parser(body, format={**FORM, "bad_rows": "hold"}).parsed.problem
    assert (held.code, held.values["row"]) == ("JT808_NO_FRAME", 1)


TIME_BYTES = bytes.fromhex(TIME)


def test_a_file_without_frames_is_held(parser: Any) -> None:
    assert parser(b"a,b\n1,2\n", format=FORM).parsed.problem.code == "JT808_NOT_FRAMES"


def test_subpackages_are_joined_in_any_order(parser: Any) -> None:
    parts = [jt808_frame(each) for each in jt808_subpackages(0x0704, PHONE, 65534, jt808_batch([BODY] * 3), 40)]
    for order in (parts, parts[::-1], [parts[0], *parts]):
        outcome = parser(PLAIN + b"".join(order), format=FORM)
        assert outcome.frame["item"].to_list() == [None, "1", "2", "3"]
        assert outcome.parsed.report["joined_subpackages"] == len(parts)
    assert outcome.parsed.report["repeated_subpackages"] == 1


def test_a_missing_subpackage_is_reported_with_those_that_came(parser: Any) -> None:
    parts = [jt808_frame(each) for each in jt808_subpackages(0x0704, PHONE, 9, jt808_batch([BODY] * 3), 40)]
    outcome = parser(PLAIN * 3 + parts[0] + parts[2], format=FORM)
    assert [(bad["code"], bad["value"], bad["detail"]) for bad in outcome.refused_rows] == [
        ("JT808_SUBPACKAGE_MISSING", "2", f"{len(parts)}")
    ] * 2
    wrong = jt808_frame(jt808_content(0x0704, PHONE, 9, b"", part=(2, 3)))
    assert list(parser(PLAIN + wrong, format=FORM).refused.values()) == ["JT808_SUBPACKAGE_WRONG"]


def test_parts_of_two_messages_are_never_joined(parser: Any) -> None:
    first, second = (jt808_subpackages(0x0704, PHONE, serial, jt808_batch([BODY]), 30) for serial in (1, 50))
    outcome = parser(PLAIN * 3 + jt808_frame(first[0]) + jt808_frame(second[1]), format=FORM)
    assert outcome.parsed.rows == 3
    assert list(outcome.refused.values()) == ["JT808_SUBPACKAGE_MISSING"] * 2


def test_subpackages_that_wait_are_bounded() -> None:
    store = SubpackageStore()
    for number in range(5):
        message = Message("0704", "", PHONE, 10 * number, b"", total=2, number=1)
        assert store.add(Subpackage("", Frame(number, b"", b""), message)) is None
    assert [each.frame.offset for each, _ in store.given_up(2)] == [0, 1, 2]


ITEMS = st.dictionaries(st.integers(2, 255), st.binary(max_size=30), max_size=4)


@given(
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("alarm", "status"), st.integers(0, 2**32 - 1)),
            **dict.fromkeys(("latitude", "longitude"), st.integers(-180_000_000, 180_000_000)),
            **dict.fromkeys(("altitude", "speed", "direction"), st.integers(0, 65_535)),
        }
    ),
    ITEMS,
    st.booleans(),
)
def test_what_is_written_is_read(values: dict[str, int], items: dict[int, bytes], dated: bool) -> None:
    values = {**values, "status": values["status"] & ~12}
    content = jt808_content(0x0200, PHONE, 1, jt808_position(values, TIME, items), dated=dated)
    message = read_message(content)
    assert isinstance(message, Message)
    positions = read_positions(message.kind, message.body)
    assert isinstance(positions, list)
    (found,) = positions
    numbers = {name: round(float(found[name] or "") * 1_000_000) for name in ("latitude", "longitude")}
    assert numbers == {name: values[name] for name in numbers}
    assert (found["speed"], found["time"]) == (f"{values['speed'] / 10:.1f}", TIME)
    assert int(found["alarm"] or "", 16) == values["alarm"] == _flags(found["alarm-bits"])
    assert {name: found[name] for name in found if name.startswith("item-")} == {
        f"item-{kind:02x}": value.hex() for kind, value in items.items()
    }


def _flags(bits: str | None) -> int:
    return sum(1 << int(bit) for bit in (bits or "").split(";") if bit)


@given(st.lists(st.binary(min_size=12, max_size=60), max_size=6), st.integers(1, 40))
def test_a_stream_is_the_same_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], chunk: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "stream"
    path.write_bytes(b"".join(map(jt808_frame, contents)))
    assert [(each.content, each.reason) for each in read_frames(path, chunk)] == [(each, None) for each in contents]


@given(st.integers(0, len(PLAIN) - 1), st.integers(1, 255), st.integers(3, 200))
def test_any_wrong_byte_is_found_and_the_next_frames_are_read(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int, chunk: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped"
    damaged = bytearray(PLAIN)
    damaged[place] ^= change
    path.write_bytes(PLAIN + bytes(damaged) + PLAIN)
    frames = list(read_frames(path, chunk))
    good = [each for each in frames if each.reason is None and isinstance(read_message(each.content), Message)]
    assert {each.content for each in good} == {jt808_content(0x0200, PHONE, 7, BODY)}
    assert len(frames) > len(good)
    assert frames[0].reason is frames[-1].reason is None


@given(
    st.lists(
        st.sampled_from([PLAIN, PLAIN[:20], PLAIN[1:], b"\x7e", b"\x7d", b"\r\n", b"log", b"x" * (LONGEST + 1)]),
        max_size=10,
    )
)
def test_no_byte_vanishes(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    path, body = tmp_path_factory.getbasetemp() / "bytes", b"".join(parts)
    path.write_bytes(body)
    found = [list(read_frames(path, chunk)) for chunk in (7, 1 << 20)]
    assert found[0] == found[1]
    assert all(body[each.offset :].startswith(each.sent) for each in found[0])
    rest = bytearray(body)
    for each in found[0]:
        rest[each.offset : each.offset + len(each.sent)] = b"\r" * len(each.sent)
    assert not bytes(rest).strip(b"\x7e\r\n")
