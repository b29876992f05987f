"""Captures of TCP: the bytes of a stream are the same in whatever packets they came; what is missing is told."""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.parse.hj212 import tcp_streams
from citylake.pipelines.parse.hj212.packets import CaptureError
from citylake.pipelines.parse.hj212.tcp_streams import write_streams
from tests.pipelines.parse.test_hj212 import FORM, PLAIN, frame, message

Packet = tuple[int, bytes]
"""A sequence number and what is carried."""
SYN, ACK = 2, 16


def tcp(port: int, sequence: int, payload: bytes, flags: int = ACK) -> bytes:
    ports = struct.pack(">HHIIBBHHH", port, 9000, sequence % 2**32, 0, 5 << 4, flags, 0, 0, 0)
    size = 20 + len(ports) + len(payload)
    return struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0, 64, 6, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + ports + payload


def ethernet(packet: bytes, vlan: bool = False) -> bytes:
    return bytes(12) + (b"\x81\x00\x00\x05" if vlan else b"") + b"\x08\x00" + packet + b"\0" * max(0, 46 - len(packet))


def pcap(frames: Iterable[bytes], link: int = 1, order: str = "<") -> bytes:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack(f"{order}IIII", 0, 0, len(each), len(each)) + each for each in frames)


def capture_of(packets: Sequence[Packet], port: int = 4000) -> list[bytes]:
    return [ethernet(tcp(port, sequence, payload)) for sequence, payload in packets]


def streams_of(tmp: Path, body: bytes) -> tuple[dict[str, bytes], int, Counter[str]]:
    path, others = tmp / "capture", Counter[str]()
    path.write_bytes(body)
    found = write_streams(path, tmp, others)
    texts = {name: stream.path.read_bytes().removesuffix(b"\n") for name, stream in found.items()}
    for stream in found.values():
        stream.path.unlink()
    return texts, sum(stream.missing for stream in found.values()), others


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=300), st.integers(0, 2**32 - 1), st.data())
def test_a_stream_is_put_together_from_packets_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, sent: bytes, first: int, data: Any
) -> None:
    cuts = sorted({0, len(sent), *data.draw(st.lists(st.integers(0, len(sent)), max_size=6))})
    packets = [((first + 1 + a) % 2**32, sent[a:b]) for a, b in pairwise(cuts)]
    again = data.draw(st.lists(st.tuples(st.integers(0, len(sent) - 1), st.integers(1, 50)), max_size=4))
    packets += [((first + 1 + a) % 2**32, sent[a : a + size]) for a, size in again]
    random.Random(data.draw(st.integers(0, 99))).shuffle(packets)
    body = pcap([ethernet(tcp(4000, first, b"", SYN)), *capture_of(packets)])
    assert streams_of(tmp_path_factory.getbasetemp(), body) == ({"10.0.0.1:4000 > 10.0.0.2:9000": sent}, 0, Counter())


def test_directions_and_layers_are_told_apart(tmp_path: Path) -> None:
    packets = [ethernet(tcp(1, 5, b"a"), vlan=True), ethernet(tcp(2, 9, b"x")), ethernet(tcp(1, 6, b"b"))]
    other = [bytes(12) + b"\x08\x06" + bytes(28), ethernet(tcp(1, 7, b"")[:9] + b"\x11" + tcp(1, 7, b"")[10:])]
    for order in "<>":
        texts, missing, others = streams_of(tmp_path, pcap([*packets, *other], order=order))
        assert list(texts.values()) == [b"ab", b"x"]
        assert (missing, others) == (0, Counter(other=2))
    raw = pcap([tcp(1, 5, b"raw")], link=101)
    assert list(streams_of(tmp_path, raw)[0].values()) == [b"raw"]


def test_a_gap_is_counted_and_frames_are_not_joined_over_it(parser: Any) -> None:
    second = frame(message(QN="2"))
    body = PLAIN + second + PLAIN
    lost = len(PLAIN) + 20
    packets = [(7, body[:lost]), (7 + lost + 10, body[lost + 10 :])]
    outcome = parser(pcap(capture_of(packets)), format=FORM)
    assert outcome.frame["QN"].n_unique() == 1
    assert outcome.parsed.rows == 4
    assert list(outcome.refused.values()) == ["HJ212_LENGTH_WRONG", "HJ212_NO_FRAME"]
    assert [each.code for each in outcome.parsed.notices] == ["HJ212_CAPTURE_INCOMPLETE"]
    assert outcome.frame["_part"].unique().to_list() == ["10.0.0.1:4000 > 10.0.0.2:9000"]


def test_a_capture_is_read_as_its_archive(parser: Any) -> None:
    body = b"".join(frame(message(QN=f"{number}")) for number in range(20))
    packets = [(3 + at, body[at : at + 100]) for at in range(0, len(body), 100)]
    columns = ["QN", "factor", "factor-Avg"]
    captured = parser(pcap(capture_of(packets[::2] + packets[1::2])), format=FORM)
    assert captured.frame[columns].rows() == parser(body, format=FORM).frame[columns].rows()


def test_what_waits_for_a_gap_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_streams, "HELD_BYTES", 50)
    packets = [(0, b"a"), *((100 + 10 * n, b"x" * 10) for n in range(20))]
    texts, missing, _ = streams_of(tmp_path, pcap(capture_of(packets)))
    assert list(texts.values()) == [b"a\n" + b"x" * 200]
    assert missing == 99


def test_an_early_packet_that_comes_too_late_is_counted(tmp_path: Path) -> None:
    texts, missing, _ = streams_of(tmp_path, pcap(capture_of([(10, b"cd"), (8, b"ab"), (12, b"e")])))
    assert (list(texts.values()), missing) == ([b"cde"], 2)


def test_a_connection_on_the_same_ports_begins_anew(tmp_path: Path) -> None:
    syn = [ethernet(tcp(4000, number, b"", SYN)) for number in (9, 9, 700)]
    frames = [syn[0], *capture_of([(10, b"a")]), syn[1], *capture_of([(11, b"b")]), syn[2], *capture_of([(701, b"c")])]
    assert list(streams_of(tmp_path, pcap(frames))[0].values()) == [b"ab\nc"]


def test_what_is_no_classic_capture_is_refused_in_words(parser: Any) -> None:
    for body, found in ((b"\x0a\x0d\x0d\x0a" + bytes(40), "pcapng"), (pcap([], link=147), "link type 147")):
        problem = parser(body, format=FORM).parsed.problem
        assert (problem.code, problem.values["found"]) == ("HJ212_CAPTURE_UNREADABLE", found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_capture_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, place: int, value: int) -> None:
    body = bytearray(pcap(capture_of([(1, b"abc"), (4, b"def"), (7, b"ghi")])))
    body[place % len(body)] = value
    try:
        texts, missing, others = streams_of(tmp_path_factory.getbasetemp(), bytes(body))
    except CaptureError:
        return
    assert sum(map(len, texts.values())) <= 9 + 2 * 3 + 40
    assert missing >= 0
    assert sum(others.values()) <= 3
