"""A trace goes through the tables that a mart reads, and uses the versions from which a row's day was built."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from citylake.pipelines.history.trace import RowTrace, trace_row
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.history.trace.random_lakes import FIRST, TracedLake, mart_of, reading

D1, D2, D3 = (date(2026, 3, day) for day in (1, 2, 3))
SUMS = "SELECT code, _day AS day, sum(x_1) AS m1, count(*) AS m2 FROM r.reads GROUP BY ALL"
OF_SUMS = "SELECT code, day, m1, sum(m1) OVER (ORDER BY day ROWS 1 PRECEDING) AS m2 FROM mart.sums.t WHERE code = 'A'"


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> TracedLake:
    """The lake for tests that change nothing."""
    return _published(tmp_path_factory.mktemp("still"))


@pytest.fixture
def lake(tmp_path: Path) -> TracedLake:
    return _published(tmp_path)


def _published(folder: Path) -> TracedLake:
    """Two days of readings, published in two marts, of which one reads the other."""
    found = TracedLake(folder, {"sums": SUMS, "more": OF_SUMS}, {"sums": mart_of("sums"), "more": mart_of("more", 1)})
    for place, day in enumerate((FIRST, FIRST + timedelta(1))):
        rows = [reading("A", day, 1, 1.0 + place), reading("A", day, 2, 10.0), reading("B", day, 3, 5.0)]
        found.deliver("reads", rows, [day])
    found.publish()
    return found


def counts(trace: RowTrace) -> list[tuple[str, str, list[tuple[str, int, int]]]]:
    return [
        (level.mart, level.scope, [(each.name, each.count, each.available) for each in level.inputs])
        for level in trace.levels
    ]


def test_rows_of_another_mart_are_traced_to_their_standard_rows(still: TracedLake) -> None:
    trace = trace_row(still.lake, still.registry, "more", "t", ["A", "2026-03-02"])
    assert trace.verified
    assert counts(trace) == [
        ("more", "exact", [("mart.sums.t", 2, 4)]),
        ("sums", "exact", [("r.reads", 4, 6)]),
    ]
    ((name, rows),) = trace.datasets()
    assert (name, sorted(rows["x_1"])) == ("r.reads", [1.0, 2.0, 10.0, 10.0])


def test_an_older_version_is_made_of_the_rows_of_its_own_time(lake: TracedLake) -> None:
    (before,) = {each["version"] for each in versions(lake, "sums")}
    lake.deliver("reads", [reading("A", FIRST, 1, 99.0)], [FIRST])
    lake.publish()
    old, new = (
        trace_row(lake.lake, lake.registry, "sums", "t", ["A", "2026-03-01"], version=version)
        for version in (before, None)
    )
    assert (old.verified, old.row["m1"], new.verified, new.row["m1"]) == (True, 11.0, True, 99.0)
    assert [sorted(rows["x_1"]) for _, rows in old.datasets()] == [[1.0, 10.0]]
    assert old.levels[0].inputs[0].version < new.levels[0].inputs[0].version


def test_a_day_that_was_not_built_again_is_traced_to_the_version_it_was_built_from(lake: TracedLake) -> None:
    lake.deliver("reads", [reading("A", FIRST, 1, 99.0)], [FIRST])
    lake.publish()
    trace = trace_row(lake.lake, lake.registry, "sums", "t", {"code": "A", "day": "2026-03-02"})
    assert (trace.verified, trace.levels[0].build, trace.levels[0].inputs[0].version) == (True, 0, 1)


def test_when_files_are_gone_the_next_version_is_read_and_named(lake: TracedLake) -> None:
    lake.deliver("reads", [reading("A", FIRST, 1, 99.0)], [FIRST])
    root = lake.lake.standard("r.reads")
    DeltaTable(root).vacuum(0, dry_run=False, enforce_retention_duration=False)
    same = trace_row(lake.lake, lake.registry, "sums", "t", ["B", "2026-03-02"])
    assert (same.verified, same.levels[0].inputs[0].instead_of) == (True, None)
    other = trace_row(lake.lake, lake.registry, "sums", "t", ["A", "2026-03-01"])
    (level,) = other.levels
    assert (other.verified, level.inputs[0].version, level.inputs[0].instead_of) == (False, 2, 1)
    assert level.differing == ("m1", "m2")


def test_other_sql_than_that_of_the_build_is_told(lake: TracedLake) -> None:
    file = lake.folder / "city/marts/sums/t.sql"
    file.write_text(SUMS.replace("sum(x_1)", "2 * sum(x_1)"), encoding="utf-8")
    (level,) = trace_row(lake.lake, lake.registry, "sums", "t", ["A", "2026-03-01"]).levels
    assert (level.redeclared, level.verified, level.differing) == (True, False, ("m1",))


def test_one_column_needs_no_rows_of_joins_that_only_others_read(tmp_path: Path) -> None:
    select = """
        SELECT r.code, r._day AS day, max(p.note) AS m1, sum(x_1) FILTER (WHERE n_1 % 2 = 0) AS m2
        FROM r.reads AS r LEFT JOIN r.places AS p ON p.code = r.code GROUP BY r.code, r._day
    """
    lake = TracedLake(tmp_path, {"m": select})
    lake.deliver("places", [("A", "east")])
    lake.deliver("reads", [reading("A", FIRST, number, 1.0) for number in (1, 2, 3)], [FIRST])
    lake.publish()
    row, noted, summed = (
        trace_row(lake.lake, lake.registry, "m", "t", ["A", "2026-03-01"], column) for column in (None, "m1", "m2")
    )
    assert counts(row)[0][2] == counts(noted)[0][2] == [("r.places", 1, 1), ("r.reads", 3, 3)]
    assert counts(summed)[0][2] == [("r.places", 0, 1), ("r.reads", 1, 3)]
    assert [each.verified for each in (row, noted, summed)] == [True, True, True]


@pytest.mark.parametrize(
    "key",
    [
        ["code=A", "day=2026-03-02"],
        ["day=2026-03-02", "code=A"],
        ["A", "2026-03-02"],
        ['{"day": "2026-03-02", "code": "A"}'],
        {"code": "A", "day": date(2026, 3, 2)},
    ],
)
def test_a_key_is_written_by_names_by_order_or_in_json(still: TracedLake, key: Any) -> None:
    trace = trace_row(still.lake, still.registry, "sums", "t", key)
    assert (trace.key, trace.column, trace.row["m1"]) == ({"code": "A", "day": "2026-03-02"}, None, 12.0)


def test_a_key_without_a_value_names_no_row_of_a_published_mart(still: TracedLake) -> None:
    with pytest.raises(CitylakeError, match="code=null"):
        trace_row(still.lake, still.registry, "sums", "t", ['{"code": null, "day": "2026-03-02"}'])


def test_marts_with_functions_and_lookback_are_traced_exactly(small_city: Any) -> None:
    for day in (D1, D2, D3):
        small_city.readings(day, {"S1": 30.0 + day.day, "S2": 80.0})
    small_city.stations({"S1": "north", "S2": "south"})
    mart = small_city.registry.marts["air"]
    publish_mart(build_mart(mart, small_city.registry, small_city.lake), small_city.registry, small_city.lake)

    def traced(table: str, *key: str) -> RowTrace:
        return trace_row(small_city.lake, small_city.registry, "air", table, key)

    two_days = traced("station_day", "S1", "2026-03-02")
    readings = dict(two_days.datasets())["air.readings"]
    assert (two_days.verified, sorted(readings["_day"].unique())) == (True, [D1, D2])
    hour = traced("station_hour", "S1", "2026-03-01 12:00:00")
    assert (hour.verified, [rows.height for _, rows in hour.datasets()]) == (True, [1])
    summary = traced("summary", "S2")
    assert (summary.verified, summary.levels[0].table) == (True, "summary")
    assert {name: rows["station_code"].unique().to_list() for name, rows in summary.datasets()} == {
        "air.readings": ["S2"],
        "place.stations": ["S2"],
    }


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [
        (["code=A"], "TRACE_KEY_INCOMPLETE", "day"),
        (["codes=A", "day=2026-03-01"], "TRACE_KEY_COLUMN_UNKNOWN", "code, day"),
        (["A", "yesterday"], "TRACE_VALUE_UNREADABLE", "DATE"),
        (["A", "2026-03-01", "m1", "m2"], "TRACE_KEY_UNREADABLE", "code, day"),
        (["{code: A}"], "TRACE_KEY_UNREADABLE", "code, day"),
        (["[1, 2]"], "TRACE_KEY_INCOMPLETE", "day"),
        (["A", "2026-03-01", "m3"], "TRACE_COLUMN_UNKNOWN", "m1"),
        (["A", "2026-03-09"], "TRACE_ROW_UNKNOWN", "code=A day=2026-03-02"),
    ],
)
def test_a_key_that_names_no_row_is_refused_with_what_is_near(
    still: TracedLake, key: list[str], code: str, said: str
) -> None:
    with pytest.raises(CitylakeError) as caught:
        trace_row(still.lake, still.registry, "sums", "t", key)
    assert caught.value.code == code
    assert said in str(caught.value)


def test_a_version_is_named_by_its_beginning_and_an_unknown_one_is_refused(still: TracedLake) -> None:
    (version,) = {each["version"] for each in versions(still, "sums")}
    key = ["A", "2026-03-01"]
    assert trace_row(still.lake, still.registry, "sums", "t", key, version=version[:12]).version == version
    with pytest.raises(CitylakeError, match="TRACE_VERSION_UNKNOWN|" + version):
        trace_row(still.lake, still.registry, "sums", "t", key, version="19990101T000000000000Z")


def versions(lake: TracedLake, mart: str) -> list[dict[str, Any]]:
    from citylake.pipelines.lake.ledger import Ledger, publications_table

    found = Ledger(lake.lake).read(publications_table.TABLE)
    return found.filter(pl.col("mart") == mart, pl.col("status") == "published").to_dicts()


def test_one_column_needs_no_input_that_only_others_come_from(tmp_path: Path) -> None:
    select = """
        SELECT coalesce(r.code, p.code) AS code, DATE '2026-03-01' AS day, sum(r.x_1) AS m1, max(p.note) AS m2
        FROM r.reads AS r FULL JOIN r.places AS p ON p.code = r.code GROUP BY 1, 2
    """
    lake = TracedLake(tmp_path, {"m": select})
    lake.deliver("places", [("A", "east")])
    lake.deliver("reads", [reading("A", FIRST, number, 1.0) for number in (1, 2)], [FIRST])
    lake.publish()
    summed, noted = (
        trace_row(lake.lake, lake.registry, "m", "t", ["A", "2026-03-01"], column) for column in ("m1", "m2")
    )
    assert counts(summed)[0][2] == [("r.places", 0, 1), ("r.reads", 2, 2)]
    assert counts(noted)[0][2] == [("r.places", 1, 1), ("r.reads", 0, 2)]
    assert (summed.verified, noted.verified) == (True, True)
