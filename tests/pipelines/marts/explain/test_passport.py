"""A file says for whom it is, who answers for it, what its tables and columns are, and how they were computed."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.pipelines.marts.explain.conftest import D1, D2, SQL


def test_the_passport_says_for_whom_it_is_and_whom_to_ask(published: Any) -> None:
    asked = "owner, steward, ask_en, audience_en, licence_en, time_zone, highest_grade, complete, waiting_days"
    (row,) = published.ask(f"SELECT {asked} FROM _mart")
    assert row == (
        "环境局", "air@example.org", "ask 环境局: air@example.org", "analysts", "name the source", "Asia/Shanghai",
        "L1", True, [],
    )  # fmt: skip


def test_each_table_says_its_grain_its_days_its_caveats_and_its_sql(published: Any) -> None:
    asked = "description_en, grain, row_count, day_from, day_to, owner, caveats_en, inputs, sql"
    (hours,) = published.ask(f"SELECT {asked} FROM _tables WHERE table_name = 'station_hour'")
    grain, caveats = ["station_code", "hour_start"], ["trial operation in February"]
    described = ("one row a station and hour", grain, 3, D1, D2, "环境局", caveats, ["air.readings"])
    assert hours == (*described, SQL["station_hour"])
    (zones,) = published.ask("SELECT day_from, caveats_en, inputs FROM _tables WHERE table_name = 'zones'")
    allowed = "line 1 of the SQL allows MEAN, because zones are small"
    assert zones == (None, [allowed], ["mart.air.station_hour"])


def test_each_column_says_what_it_means_and_where_it_comes_from(published: Any) -> None:
    asked = "type, element, code_list, code_table, time_zone, empty_en, origins, source_fields"
    found = {
        row[0]: row[1:] for row in published.ask(f"SELECT table_name || '.' || column_name, {asked} FROM _columns")
    }
    moment = ("TIMESTAMP WITH TIME ZONE", "time.hour_start", None, None, "Asia/Shanghai", "never empty")
    assert found["station_hour.hour_start"] == (*moment, ["air.readings.hour_start"], ["air.readings: hour"])
    through = (["air.readings.pm25_ugm3"], ["air.readings: pm25"])
    assert found["zones.pm25_ugm3"] == ("DOUBLE", "air.pm25", None, None, None, None, *through), (
        "through the other table"
    )
    assert found["station_hour.pm25_ugm3"][4:6] == (None, "the instrument was off")
    assert found["zones.zone_code"][2:4] == ("place.zone", "codes.place_zone")
    assert found["station_hour.zone_code"][6] == [], "a constant has no origin"


def test_the_inputs_have_versions_and_the_times_of_their_commits(published: Any) -> None:
    [(name, department, version, at)] = published.ask(
        "SELECT input, department, delta_version, changed_at FROM _inputs"
    )
    assert (name, department, version) == ("air.readings", "局", 1)
    ((built_at,),) = published.ask("SELECT built_at FROM _mart")
    assert at < built_at


def test_bi_tools_see_what_every_table_view_and_own_table_is(published: Any) -> None:
    tables = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE comment IS NULL"
    views = "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
    assert published.ask(f"{tables} UNION ALL {views}") == []
    local = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'named' AND column_name = 'hour_start_local'"
    ((comment,),) = published.ask(local)
    assert "Asia/Shanghai" in comment


def test_days_that_lack_data_are_a_caveat_of_the_tables_that_draw_on_them(fresh: Any) -> None:
    from dataclasses import replace

    from citylake.pipelines.marts.make.mart_builder import build_mart
    from citylake.pipelines.marts.publish.publish_version import publish_mart
    from citylake.pipelines.records import DataGap

    city = fresh.city
    built = build_mart(city.registry.marts["air"], city.registry, city.lake)
    gaps = (DataGap("air.readings", "局", ((date(2026, 2, 17), date(2026, 2, 27)),)),)
    fresh.path = publish_mart(replace(built, gaps=gaps), city.registry, city.lake, anew=True).path
    assert fresh.ask("SELECT complete FROM _mart") == [(False,)]
    said = "air.readings lacks 1 spans of days between 2026-02-17 and 2026-02-27; see _incomplete"
    assert fresh.ask("SELECT count(*) FROM _tables WHERE list_contains(caveats_en, $$" + said + "$$)") == [(2,)]


def test_the_questions_are_in_the_file_with_the_sql_that_answers_them(published: Any) -> None:
    ((question, zh, en, sql),) = published.ask("FROM _questions")
    assert (question, zh, en) == ("stations", "有几个站", "how many stations")
    assert published.ask(sql) == [(2,)]
