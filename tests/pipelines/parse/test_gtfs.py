"""GTFS: one table out of the zip, the rest left alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any


def feed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/") + ".txt", body)
    return buffer.getvalue()


def test_a_table_is_read_with_its_mark_and_times_past_midnight(parser: Any) -> None:
    body = feed(
        stop_times=b'\xef\xbb\xbftrip_id,arrival_time\r\n1,25:10:00\r\n2,""\r\n', notes=b"\x00", sub__stops=b"x"
    )
    outcome = parser(body, format={"type": "gtfs", "table": "stop_times"})
    assert outcome.parsed.columns == ("trip_id", "arrival_time")
    assert outcome.rows == [("1", "25:10:00"), ("2", "")]
    assert outcome.frame.select("_part", "_row").rows() == [("stop_times.txt", 2), ("stop_times.txt", 3)]


def test_a_table_that_is_not_at_the_root_is_told(parser: Any) -> None:
    problem = parser(feed(sub__stops=b"x"), format={"type": "gtfs", "table": "stops"}).parsed.problem
    assert (problem.code, problem.values["members"]) == ("GTFS_NO_TABLE", "sub/stops.txt")


def test_a_feed_may_do_without_an_optional_table(parser: Any) -> None:
    parsed = parser(feed(stops=b"x"), format={"type": "gtfs", "table": "calendar", "optional": True}).parsed
    assert (parsed.problem, parsed.columns, parsed.rows) == (None, (), 0)


def test_faults_name_the_table_and_its_line(parser: Any) -> None:
    problem = parser(feed(stops=b"a,b\n1\n3\n"), format={"type": "gtfs", "table": "stops"}).parsed.problem
    assert (problem.code, problem.values["file"], problem.values["row"]) == ("ROW_WIDTH", "in/data.csv!stops.txt", 2)


def test_a_bad_row_of_a_table_is_refused_alone(parser: Any) -> None:
    outcome = parser(feed(stops=b"a,b\n1,2\n3\n4,5\n"), format={"type": "gtfs", "table": "stops"})
    assert (outcome.rows, outcome.refused) == ([("1", "2"), ("4", "5")], {3: "ROW_WIDTH"})
    (bad,) = outcome.refused_rows
    assert (bad["_part"], bad["text"]) == ("stops.txt", "3")


def test_real_feeds_are_read_whole(parser: Any, shared_data: Path) -> None:
    rows = {
        path.name: parser(path.read_bytes(), format={"type": "gtfs", "table": "stop_times"}).parsed.rows
        for path in sorted((shared_data / "gtfs").glob("*.zip"))
    }
    assert list(rows.values()) == [37_790, 2_697, 57_205]
