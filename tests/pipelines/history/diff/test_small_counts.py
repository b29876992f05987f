"""A comparison of a mart that hides small counts shows nothing that its versions do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.history.diff.recorded_diff import open_recorded_diff
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.history.diff.histories import City, _write, late

COUNTS = """
mart: counts
title: {zh: 计数, en: counts}
audience: {zh: 公众, en: the public}
tables:
  day:
    title: {zh: 日计数, en: counts by day}
    grain: [day, kind]
    day: day
    columns:
      day: {element: time.day}
      kind: {text: {zh: 类, en: kind}}
      readings: {text: {zh: 读数个数, en: number of readings}}
    suppress: {columns: [readings], threshold: 10, over: [day, kind], totals: {kind: all}}
"""
SQL = """
SELECT _day AS day, coalesce(station_code[1:2], 'all') AS kind, count(*) AS readings
FROM air.readings GROUP BY GROUPING SETS ((1, station_code[1:2]), (1))
"""


def test_causes_are_by_day_and_hidden_counts_stay_hidden(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.begin()
    _write(city.folder / "marts/counts/mart.yaml", COUNTS)
    _write(city.folder / "marts/counts/day.sql", SQL)
    city.run()
    late(city, 1)
    cells = city.diff(mart="counts")
    shown = {row[0] for row in cells.filter(cells["column"] == "readings").select("after").iter_rows()}
    with city.lake.mart("counts") as mart:
        public = {str(value) for (value,) in mart.sql("SELECT readings FROM day WHERE readings IS NOT NULL").fetchall()}
        assert mart.sql("SELECT count(*) FROM day WHERE readings IS NULL").fetchall() != [(0,)]
        version = mart.version
    assert cells.height
    assert cells["kinds"].to_list() == [["late"]] * cells.height
    assert shown - {None} <= public
    asked = Lake(city.lake.url), "counts", ("previous", "current"), city.workspace._registry, Asked()
    with open_recorded_diff(*asked) as (found, _):
        assert [(each.cause.kind, each.cause.rows) for each in found.result.causes] == [("late", None)]
        assert found.result.notes == ("diff.note_small_counts",)
    Path(city.lake.url, f"marts/counts/counts-{version}.duckdb").unlink()
    with pytest.raises(CitylakeError) as raised:
        city.diff(mart="counts")
    assert raised.value.code == "DIFF_VERSION_GONE"
