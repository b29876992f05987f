"""Changes applied to what a receiver has give the new version, whatever the values are."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.exchange.deliver.delivered_rows import keep_digests, select_rows
from citylake.pipelines.exchange.deliver.delivered_version import (
    DeliveredColumn,
    DeliveredTableVersion,
    DeliveredVersion,
)
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples

Rows = Mapping[tuple[str | None, int], tuple[str | None, float | None]]
KEYS = st.tuples(st.one_of(st.none(), st.text(max_size=3)), st.integers(-2, 2))
VALUES = st.tuples(st.one_of(st.none(), st.text(max_size=3)), st.one_of(st.none(), st.floats(allow_nan=False)))
TABLES = st.dictionaries(KEYS, VALUES, max_size=6)
COLUMNS = tuple(
    DeliveredColumn(name, kind)
    for name, kind in (("place", "VARCHAR"), ("hour", "BIGINT"), ("note", "VARCHAR"), ("level", "DOUBLE"))
)
TABLE = DeliveredTableVersion(
    "hours", "hours", "hours", COLUMNS, ("place", "hour"), LocalizedText(zh="小时", en="hours")
)


def opened(connection: duckdb.DuckDBPyConnection, folder: str, rows: Rows, version: str) -> DeliveredVersion:
    connection.execute("DROP TABLE IF EXISTS delivered_0")
    connection.execute("CREATE OR REPLACE TABLE hours (place VARCHAR, hour BIGINT, note VARCHAR, level DOUBLE)")
    for key, value in rows.items():
        connection.execute("INSERT INTO hours VALUES (?, ?, ?, ?)", [*key, *value])
    return DeliveredVersion(version, "UTC", (TABLE,), connection, folder)


@settings(deadline=None, max_examples=examples(10, 30))
@given(before=TABLES, after=TABLES)
def test_changes_make_the_new_version_of_the_old_one(before: Rows, after: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        lake = Lake(f"{folder}/lake")
        keep_digests(opened(connection, folder, before, "1"), lake, "d", "d-1")
        (changes,) = select_rows(opened(connection, folder, after, "2"), lake, "d", "d-1")
        held = dict(before)
        for operation, place, hour, *values in connection.execute(f"FROM {changes.relation}").fetchall():
            assert (operation == "I") == ((place, hour) not in held)
            if operation == "D":
                del held[place, hour]
            else:
                held[place, hour] = tuple(values)
        assert held == after
        same = sum(before.get(key) == value for key, value in after.items())
        assert changes.rows == len(before.keys() | after.keys()) - same


def test_without_the_digests_of_the_last_delivery_everything_goes(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        lake = Lake(str(tmp_path / "lake"))
        (rows,) = select_rows(opened(connection, str(tmp_path), {("a", 1): ("x", 1.0)}, "2"), lake, "d", "d-1")
        assert not rows.changes


def test_a_key_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        lake, folder = Lake(str(tmp_path / "lake")), str(tmp_path)
        keep_digests(opened(connection, folder, {("a", 1): ("x", 1.0)}, "1"), lake, "d", "d-1")
        made = opened(connection, folder, {("a", 1): ("x", 1.0)}, "2")
        connection.execute("INSERT INTO hours VALUES ('a', 1, 'y', 2)")
        with pytest.raises(CitylakeError) as raised:
            select_rows(made, lake, "d", "d-1")
        assert raised.value.code == "DELIVERY_KEY_REPEATED"
