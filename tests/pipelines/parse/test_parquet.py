"""Parquet: what a value was can be told from its text."""

from __future__ import annotations

import io
import json
import struct
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.thorough import examples

BEIJING = timezone(timedelta(hours=8))
OFTEN = settings(
    max_examples=examples(37, 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def file(columns: dict[str, pa.Array], **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **options)
    return buffer.getvalue()


def texts(parser: Any, array: pa.Array) -> list[str | None]:
    """The column as text, read back from the raw zone."""
    return list(parser(file({"a": array}), format="parquet").frame["a"])


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([-(2**63), 2**63 - 1]), ["-9223372036854775808", "9223372036854775807"]),
        (pa.array([0.1, 1e300], pa.float64()), ["0.1", "1e+300"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([Decimal("1.500"), Decimal("0.0000001")], pa.decimal128(20, 7)), ["1.5000000", "0.0000001"]),
        (pa.array([date(2026, 3, 1), date(1, 1, 1)]), ["2026-03-01", "0001-01-01"]),
        (pa.array([datetime(2026, 3, 1, 8)], pa.timestamp("ms")), ["2026-03-01 08:00:00.000"]),
        (pa.array([datetime(2026, 3, 1, tzinfo=BEIJING)], pa.timestamp("us", "UTC")), ["2026-02-28 16:00:00.000000Z"]),
        # Years that no calendar has stay readable by people, and refuse their rows only.
        (pa.array([2**62, 0], pa.timestamp("us")), [f"<value out of range: {2**62}>", "1970-01-01 00:00:00.000000"]),
        (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), [f"<value out of range: {2**31 - 1}>"]),
        (pa.array([3723000], pa.time32("ms")), ["01:02:03.000"]),
        (pa.array([1500], pa.duration("ms")), ["1500ms"]),
        (pa.array(["中", "", None]), ["中", "", None]),
        (pa.array(["甲", "乙", "甲"]).dictionary_encode(), ["甲", "乙", "甲"]),
        (pa.array([b"\x00\xff", b""]), ["00ff", ""]),
        (pa.array([[1, None], [], None]), ["[1, null]", "[]", None]),
        (pa.array([{"价": Decimal("1.50"), "n": [date(2026, 3, 1)]}]), ['{"价": "1.50", "n": ["2026-03-01"]}']),
        (pa.array([[("k", 1), ("k", 2)]], pa.map_(pa.string(), pa.int8())), ['[["k", 1], ["k", 2]]']),
        (pa.array([[float("nan"), 1.5]]), ['["nan", 1.5]']),
        (pa.array([b"0123456789abcdef"], pa.uuid()), ["30313233-3435-3637-3839-616263646566"]),
        (pa.nulls(2), [None, None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_every_type_has_its_text(parser: Any, array: pa.Array, text: list[str | None]) -> None:
    assert texts(parser, array) == text


@OFTEN
@given(values=st.lists(st.floats() | st.none(), min_size=1))
def test_a_float_comes_back_from_its_text(parser: Any, values: list[float | None]) -> None:
    found = texts(parser, pa.array(values, pa.float64()))
    back = [None if text is None else float(text) for text in found]
    assert [b if b is None else struct.pack("d", b) for b in back] == [
        v if v is None else struct.pack("d", v if v == v else float("nan")) for v in values
    ]


@OFTEN
@given(values=st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=9, max_value=10**20), min_size=1))
def test_a_decimal_keeps_its_value_and_places(parser: Any, values: list[Decimal]) -> None:
    values = [value for value in values if abs(value) < 10**20] or [Decimal("0.000000000")]
    found = texts(parser, pa.array(values, pa.decimal128(38, 9)))
    assert [Decimal(str(text)) for text in found] == values
    assert all(str(text).rpartition(".")[2].isdecimal() and "E" not in str(text) for text in found)


@OFTEN
@given(values=st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30)) | st.none(), min_size=1))
def test_a_moment_comes_back_from_its_text_with_and_without_a_zone(parser: Any, values: list[datetime | None]) -> None:
    plain = texts(parser, pa.array(values, pa.timestamp("us")))
    assert [text and datetime.fromisoformat(text) for text in plain] == values
    zoned = texts(parser, pa.array(values, pa.timestamp("us", "UTC")))
    assert [text and datetime.fromisoformat(text).replace(tzinfo=None) for text in zoned] == values


@OFTEN
@given(values=st.lists(st.binary() | st.none(), min_size=1), words=st.lists(st.text() | st.none(), min_size=1))
def test_bytes_and_words_come_back_from_their_text(
    parser: Any, values: list[bytes | None], words: list[str | None]
) -> None:
    assert [None if t is None else bytes.fromhex(t) for t in texts(parser, pa.array(values, pa.binary()))] == values
    assert texts(parser, pa.array(words, pa.string())) == words


@OFTEN
@given(values=st.lists(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(-9, 9) | st.none())) | st.none()))
def test_what_is_nested_comes_back_from_its_json(parser: Any, values: list[Any]) -> None:
    kind = pa.list_(pa.struct([("a", pa.int64()), ("b", pa.int64())]))
    array = pa.array(values, kind)
    assert [text and json.loads(text) for text in texts(parser, array)] == array.to_pylist()


def test_rows_are_numbered_through_their_row_groups_and_files(parser: Any) -> None:
    body = file({"a": pa.array(range(5))}, row_group_size=2)
    frame = parser(body, body, format="parquet").frame
    assert frame["a"].to_list() == [*"01234", *"01234"]
    assert frame.select("_part", "_row").rows() == [(part, row) for part in "12" for row in range(1, 6)]


def test_files_may_differ_in_their_columns(parser: Any) -> None:
    outcome = parser(file({"a": pa.array([1])}), file({"b": pa.array([2]), "a": pa.array([3])}), format="parquet")
    assert outcome.parsed.columns == ("a", "b")
    assert outcome.frame.select("a", "b").rows() == [("1", None), ("3", "2")]


def test_a_file_without_rows_keeps_its_columns(parser: Any) -> None:
    outcome = parser(file({"a": pa.array([], pa.int64())}), format="parquet")
    assert (outcome.parsed.columns, outcome.parsed.rows) == (("a",), 0)
    assert [notice.code for notice in outcome.parsed.notices] == ["HEADER_ONLY"]
    assert outcome.frame.columns[:2] == ["a", "_receipt"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"PAR1 but no more", "PARQUET_BROKEN"),
        (file({"a": pa.array(range(9999))})[:-30], "PARQUET_BROKEN"),
        (file({"_row": pa.array([1])}), "COLUMN_RESERVED"),
    ],
)
def test_what_is_no_sound_file_is_told(parser: Any, body: bytes, code: str) -> None:
    assert parser(body, format="parquet").parsed.problem.code == code


def test_text_that_is_none_is_told(parser: Any) -> None:
    lied = pa.array([b"\xff\xfe"]).view(pa.string())
    assert parser(file({"a": lied}), format="parquet").parsed.problem.code == "PARQUET_BROKEN"


def test_bytes_that_were_spoilt_within_are_told(parser: Any) -> None:
    words = pa.array([str(number * 7919) for number in range(20_000)])
    body = bytearray(file({"a": words}, compression="zstd", write_page_checksum=True))
    body[len(body) // 3] ^= 0xFF
    assert parser(bytes(body), format="parquet").parsed.problem.code == "PARQUET_BROKEN"
