"""Only what is new since the last commit, less the overlap, and with nothing that a watermark would pass by."""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.records import Receipt
from tests.postgres import Postgres
from tests.thorough import examples


@pytest.fixture
def database(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": postgres.uri}))
    postgres.sql("CREATE TABLE events (id int PRIMARY KEY, at timestamptz, n numeric, word text, day date)")
    return postgres


def insert(database: Postgres, *ids: int) -> None:
    """Event 90 is at half past nine, to the microsecond."""
    database.sql(
        "INSERT INTO events SELECT i, '2026-03-01 08:00:00.000001+08'::timestamptz + i * interval '1 minute', i / 10.0,"
        f" lpad(i::text, 4, '0'), date '2026-03-01' + i FROM unnest('{{{','.join(map(str, ids))}}}'::int[]) i"
    )


def taken(puller: Any, column: str, overlap: str = "0", *, commit: bool = True) -> list[int]:
    incremental = {"column": column, "overlap": overlap}
    receipt: Receipt = puller.one("database", connection="front", table="events", incremental=incremental)
    assert receipt.problem is None, receipt.problem
    assert receipt.status == "unchanged" or receipt.declared_count == receipt.stored_count
    if commit:
        puller.commit([receipt])
    return sorted(number for path in receipt.landing for number in pq.read_table(path)["id"].to_pylist())


@pytest.mark.parametrize(
    ("column", "overlap", "again"),
    [
        ("at", "0", [3]),
        ("at", "90s", [2, 3]),
        ("id", "2", [1, 2, 3]),
        ("n", "0", [3]),
        ("word", "0", [3]),
        ("day", "1d", [2, 3]),
    ],
)
def test_the_next_pull_begins_at_the_watermark_less_the_overlap(
    puller: Any, database: Postgres, column: str, overlap: str, again: list[int]
) -> None:
    insert(database, 1, 2, 3)
    assert taken(puller, column, overlap) == [1, 2, 3]
    insert(database, 4, 5)
    assert taken(puller, column, overlap) == [*again, 4, 5]


def test_the_watermark_loses_no_digit(puller: Any, database: Postgres) -> None:
    insert(database, 3)
    taken(puller, "at")
    assert puller.states["events"] == {"column": "at", "type": "timestamptz", "since": "2026-03-01 00:03:00.000001+00"}


def test_the_watermark_moves_only_after_the_commit(puller: Any, database: Postgres) -> None:
    insert(database, 1, 2)
    assert taken(puller, "id", commit=False) == [1, 2]
    assert taken(puller, "id") == [1, 2]
    assert taken(puller, "id") == [2]


def test_rows_without_a_value_come_every_time(puller: Any, database: Postgres) -> None:
    insert(database, 1, 2)
    database.sql("INSERT INTO events (id) VALUES (9)")
    assert taken(puller, "at") == [1, 2, 9]
    assert taken(puller, "at") == [2, 9]


@pytest.mark.parametrize("far", ["infinity", "9999-12-31"])
def test_a_stamp_from_the_future_does_not_hide_what_comes_before_it(puller: Any, database: Postgres, far: str) -> None:
    insert(database, 1)
    database.sql(f"INSERT INTO events VALUES (9, '{far}')")
    assert taken(puller, "at") == [1, 9]
    insert(database, 2)
    assert taken(puller, "at") == [1, 2, 9]


def test_a_watermark_that_was_set_by_hand_is_bound_and_never_part_of_the_sql(puller: Any, database: Postgres) -> None:
    insert(database, 1, 2)
    puller.states["events"] = {"since": "2026-03-01 08:02:00.000001+08"}
    assert taken(puller, "at") == [2]
    puller.states["events"] = {"since": "'; DROP TABLE events; --"}
    incremental = {"column": "at"}
    receipt = puller.one("database", connection="front", table="events", incremental=incremental)
    assert receipt.problem.code == "DATABASE_REFUSED"
    assert database.sql("SELECT count(*) FROM events") == [(2,)]


def test_a_watermark_of_another_column_is_not_used(puller: Any, database: Postgres) -> None:
    insert(database, 1, 2)
    taken(puller, "id")
    insert(database, 3)
    assert taken(puller, "at") == [1, 2, 3]


@pytest.mark.parametrize(("column", "overlap"), [("at", "5"), ("id", "5m"), ("word", "5")])
def test_an_overlap_without_meaning_is_told(puller: Any, database: Postgres, column: str, overlap: str) -> None:
    insert(database, 1)
    taken(puller, column)
    incremental = {"column": column, "overlap": overlap}
    receipt = puller.one("database", connection="front", table="events", incremental=incremental)
    assert receipt.problem.code == "DATABASE_OVERLAP"


@settings(max_examples=examples(4, 8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=st.lists(st.lists(st.integers(0, 60), max_size=6), min_size=1, max_size=4))
def test_every_row_comes_however_late_within_the_overlap(
    puller: Any, database: Postgres, deliveries: list[list[int]]
) -> None:
    database.sql("TRUNCATE events")
    puller.states.clear()
    puller.known.clear()
    seen: set[int] = set()
    for minutes in deliveries:
        there = {number for (number,) in database.sql("SELECT id FROM events")}
        insert(database, *(set(minutes) - there))
        seen |= set(taken(puller, "at", "60m"))
    assert seen == {number for minutes in deliveries for number in minutes}
