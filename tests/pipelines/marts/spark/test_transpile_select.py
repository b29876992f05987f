"""DuckDB's SELECT in Spark's dialect: each promise is a difference between the two that would change a number."""

from __future__ import annotations

from datetime import date

import pytest
from sqlglot import parse_one

from citylake.pipelines.marts.functions.function_api import installed_spark_functions
from citylake.pipelines.marts.spark.transpile_select import SparkSelect, transpile_select

ZONE = "Asia/Shanghai"
T = {
    "i": "INTEGER",
    "n": "BIGINT",
    "d": "DOUBLE",
    "m": "DECIMAL(10,2)",
    "s": "VARCHAR",
    "day": "DATE",
    "at": "TIMESTAMPTZ",
    "local": "TIMESTAMP",
    "opens": "TIME",
    "g": "STRUCT(aqi INTEGER)",
}
OPENS = (
    "rpad(CASE length(opens) WHEN 5 THEN concat(opens, ':00.') WHEN 8 THEN concat(opens, '.') ELSE opens END, 15, '0')"
)
"""A stored time of day, with all its places."""
SHAPES = {("air", "t"): T, ("u",): {"i": "INTEGER", "label": "VARCHAR"}}


def _made(select: str) -> SparkSelect:
    return transpile_select(select, SHAPES, ZONE, installed_spark_functions(lambda day: day.weekday() < 5))


def _one(expression: str) -> str:
    """The Spark text of one expression over ``t``, with its short names."""
    made = _made(f"SELECT {expression} AS x FROM air.t AS t")
    assert not made.refused, made.refused
    parse_one(made.sql, dialect="spark")
    return (
        made.sql.removeprefix("SELECT ").removesuffix(" AS `x` FROM `in_0` AS `t`").replace("`t`.", "").replace("`", "")
    )


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        # Division is that of doubles, and by zero no error.
        ("n / 2", "(CAST(n AS DOUBLE) / CAST(2 AS DOUBLE))"),
        ("n / nullif(i, 0)", "(CAST(n AS DOUBLE) / CAST(NULLIF(i, 0) AS DOUBLE))"),
        ("n // i", "(n DIV nullif(i, 0))"),
        ("n % i", "(n % nullif(i, 0))"),
        # A cast to an integer rounds; Spark cuts.
        ("m::BIGINT", "CAST(round(m, 0) AS BIGINT)"),
        ("round(m, 1)", "round(m, 1)"),
        ("floor(m)", "floor(m)"),
        ("avg(m)", "avg(CAST(m AS DOUBLE))"),
        # Days.
        ("day - DATE '2026-01-01'", "CAST(datediff(day, CAST('2026-01-01' AS DATE)) AS BIGINT)"),
        ("day - i", "date_add(day, CAST(-(i) AS INT))"),
        ("date_trunc('month', day)", "CAST(CAST(date_trunc('MONTH', day) AS DATE) AS TIMESTAMP_NTZ)"),
        ("isodow(at)", "((dayofweek(at) + 5) % 7 + 1)"),
        ("opens >= '8:05'", f"{OPENS} >= '08:05:00.000000'"),
        ("date_part('hour', opens)", f"CAST(substr({OPENS}, 1, 2) AS INT)"),
        ("date_diff('day', day, at)", "CAST(datediff(CAST(at AS DATE), CAST(day AS DATE)) AS BIGINT)"),
        # Times.
        ("at + INTERVAL 1 HOUR", "timestampadd(HOUR, (1), at)"),
        ("local - to_hours(i)", "(CAST(local AS TIMESTAMP_NTZ) + make_dt_interval(0, -CAST(i AS INT)))"),
        ("local AT TIME ZONE 'Asia/Shanghai'", "CAST(CAST(local AS TIMESTAMP_NTZ) AS TIMESTAMP)"),
        ("epoch(at)", "(CAST(unix_micros(at) AS DOUBLE) / 1000000D)"),
        ("strftime(day, '%Y-%m')", "date_format(day, 'yyyy-MM')"),
        # Aggregates: no FILTER, because Spark has none in windows.
        ("count(*) FILTER (WHERE i > 1)", "count(CASE WHEN i > 1 THEN 1 END)"),
        ("sum(n) FILTER (WHERE i > 1)", "sum(CASE WHEN i > 1 THEN n END)"),
        ("count(DISTINCT n) FILTER (WHERE i > 1)", "COUNT(DISTINCT CASE WHEN i > 1 THEN n END)"),
        ("arg_max(s, day)", "max_by(s, CASE WHEN s IS NOT NULL THEN day END)"),
        ("g.aqi", "g.aqi"),
        ("s IS DISTINCT FROM 'a'", "s IS DISTINCT FROM 'a'"),
        ("birth_decade(day)", "CAST(year(day) DIV 10 * 10 AS INT)"),
    ],
)
def test_what_spark_computes_otherwise_is_written_otherwise(duckdb: str, spark: str) -> None:
    assert _one(duckdb) == spark


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("at::VARCHAR", "a text of TIMESTAMPTZ"),
        ("d || s", "a text of DOUBLE"),
        ("list(i)", "list()"),
        ("mode(s)", "mode()"),
        ("address_key(s)", "the function address_key"),
        ("s LIKE 'a\\_%'", "LIKE with a backslash"),
        ("d // 2", "// of other numbers"),
        ("round(d, i)", "round() to other places"),
        ("date_trunc('hour', local)", "date_trunc of TIMESTAMP"),
        ("string_agg(s, ',' ORDER BY s DESC)", "string_agg"),
        ("string_agg(s, ',')", "string_agg"),
        ("at - at", "TIMESTAMPTZ - TIMESTAMPTZ"),
        ("regexp_matches(s, '^a')", "regexplike"),
        ("at::TIME", "to TIME"),
        ("row_number() OVER (PARTITION BY d > 8 ORDER BY i)", "PARTITION BY"),
        ("d % 2", "% of doubles"),
        ("substr(s, i)", "substr"),
        ("left(s, -1)", "left()"),
        ("s::DATE", "a cast of a text"),
        ("max(i, 2)", "max()"),
        ("mode(s ORDER BY s) OVER (PARTITION BY s ORDER BY day)", "mode()"),
    ],
)
def test_what_has_no_known_equivalent_is_refused_with_its_line(expression: str, why: str) -> None:
    made = _made(f"SELECT\n    i,\n    {expression} AS x\nFROM air.t AS t")
    assert [(why in one.why, one.line) for one in made.refused] == [(True, 3)], made.refused


@pytest.mark.parametrize(
    "select",
    [
        # Apache Spark plans none of the first two, Sail none of the others.
        "SELECT i, sum(n) AS n, (SELECT max(v.i) FROM u AS v WHERE v.i = t.i) AS x FROM air.t AS t GROUP BY i",
        "SELECT i, n - (SELECT max(v.i) + t.n FROM u AS v WHERE v.i = t.i) AS x FROM air.t AS t",
        "SELECT sum((SELECT max(v.i) FROM u AS v WHERE v.i = t.i)) AS x FROM air.t AS t",
        "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM u AS v WHERE v.i = t.i)) AS x FROM air.t AS t",
        "SELECT EXISTS (SELECT 1 FROM u AS v WHERE v.i = t.i) AS x, count(*) AS n FROM air.t AS t GROUP BY ALL",
        "SELECT (SELECT v.label FROM u AS v WHERE v.i = t.i) AS x FROM air.t AS t",
        "SELECT (SELECT median(v.i) FROM u AS v WHERE v.i = t.i) AS x FROM air.t AS t",
        "SELECT (SELECT max(v.i) FROM u AS v WHERE v.i < t.i) AS x FROM air.t AS t",
        "SELECT (SELECT max(v.i) FROM air.t AS v WHERE v.d = t.d) AS x FROM air.t AS t",
        "SELECT i FROM air.t AS t ORDER BY (SELECT max(v.i) FROM u AS v WHERE v.i = t.i)",
        "SELECT t.i, x.i AS x FROM air.t AS t, (SELECT max(v.i) AS i FROM u AS v WHERE v.i = t.i) AS x",
        "SELECT i FROM air.t AS t JOIN u ON EXISTS (SELECT 1 FROM u AS v WHERE v.i = t.i)",
        "SELECT i FROM air.t AS t WHERE EXISTS (SELECT 1 FROM u AS v WHERE EXISTS"
        " (SELECT 1 FROM u AS w WHERE w.i = t.i))",
        # Either gives other rows than DuckDB.
        "SELECT i IN (SELECT v.i FROM u AS v) AS x FROM air.t AS t",
        "SELECT n FROM air.t AS t WHERE n > 1 OR i NOT IN (SELECT v.i FROM u AS v)",
        "SELECT n FROM air.t AS t WHERE i NOT IN (SELECT v.i FROM u AS v WHERE v.label = t.s)",
        "SELECT n FROM air.t AS t WHERE EXISTS (SELECT max(v.i) FROM u AS v WHERE v.i = t.i)",
        "SELECT n FROM air.t AS t WHERE i IN (SELECT v.i FROM u AS v WHERE v.label = t.s ORDER BY v.i LIMIT 1)",
    ],
)
def test_a_subquery_that_a_server_reads_otherwise_is_refused_by_name(select: str) -> None:
    refused = _made(select).refused
    assert refused
    assert all("SELECT" in one.text for one in refused), refused


@pytest.mark.parametrize(
    "select",
    [
        "SELECT i, n > (SELECT avg(v.i) FROM u AS v) AS x FROM air.t AS t",
        "SELECT i, max(n) - (SELECT min(v.i) FROM u AS v) AS x FROM air.t AS t GROUP BY i",
        "SELECT i, (SELECT max(v.i) FROM u AS v WHERE v.i = t.i AND v.label = 'a') AS x FROM air.t AS t",
        "SELECT i, sum(n) AS n FROM air.t AS t GROUP BY i HAVING i > (SELECT max(v.i) FROM u AS v WHERE v.i = t.i)",
        "SELECT i, CASE WHEN EXISTS (SELECT 1 FROM u AS v WHERE v.i > t.i) THEN 1 END AS x FROM air.t AS t",
        "SELECT n FROM air.t AS t WHERE n > 1 OR i IN (SELECT v.i FROM u AS v WHERE v.label = t.s)",
        "SELECT n FROM air.t AS t WHERE n > 1 AND i NOT IN (SELECT v.i FROM u AS v)",
    ],
)
def test_a_subquery_that_both_servers_read_alike_is_written(select: str) -> None:
    assert not _made(select).refused


def test_group_by_all_without_keys_is_one_group() -> None:
    assert "GROUP BY" not in _made("SELECT count(*) AS n, 1 AS one FROM air.t GROUP BY ALL").sql


@pytest.mark.parametrize(
    "select",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT i FROM r",
        "SELECT t.i FROM air.t AS t ASOF JOIN u ON t.i >= u.i",
        "SELECT t.i FROM air.t AS t POSITIONAL JOIN u",
        "SELECT i FROM air.t USING SAMPLE 10%",
        "PIVOT u ON label USING sum(i)",
    ],
)
def test_a_form_of_select_that_spark_does_not_have_is_refused(select: str) -> None:
    assert _made(select).refused


def test_each_input_is_a_view_and_a_cte_of_the_same_name_stays_one() -> None:
    made = _made("WITH u AS (SELECT i FROM air.t) SELECT u.i, t.s FROM u JOIN air.t USING (i)")
    assert made.views == {("air", "t"): "in_0", ("u",): "in_1"}
    assert "`in_1`" not in made.sql
    assert "ON `u`.`i` = `t`.`i`" in made.sql


def test_nulls_are_last_in_either_direction() -> None:
    made = _made("SELECT row_number() OVER (ORDER BY i DESC, n) AS x FROM air.t")
    assert "`t`.`i` DESC NULLS LAST, `t`.`n` NULLS LAST" in made.sql


def test_a_range_over_dates_is_one_over_times() -> None:
    made = _made(
        "SELECT sum(n) OVER (ORDER BY day RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW) AS x FROM air.t"
    )
    assert "ORDER BY CAST(`t`.`day` AS TIMESTAMP_NTZ)" in made.sql


def test_group_by_all_names_its_columns_and_qualify_becomes_a_condition() -> None:
    made = _made("SELECT s, day, count(*) AS n FROM air.t GROUP BY ALL QUALIFY row_number() OVER (ORDER BY s) = 1")
    assert "GROUP BY `t`.`s`, `t`.`day`" in made.sql
    assert "QUALIFY" not in made.sql
    assert not made.refused


def test_a_type_follows_a_column_through_ctes() -> None:
    made = _made(
        "WITH spans AS (SELECT day - DATE '2026-01-01' AS days, m / 3 AS part FROM air.t) "
        "SELECT days::INTEGER AS days, part::BIGINT AS part FROM spans"
    )
    assert "CAST(`spans`.`days` AS INT)" in made.sql
    assert "abs(CAST(`spans`.`part` AS DOUBLE))" in made.sql, "a quotient is a double, and rounded as one"


def test_the_calendar_of_working_days_is_written_as_its_exceptions() -> None:
    holiday = date(2026, 1, 1)
    found = installed_spark_functions(lambda day: None if day.year != 2026 else day.weekday() < 5 and day != holiday)
    made = transpile_select("SELECT working_days(day, day + 7) AS x FROM air.t", SHAPES, ZONE, found)
    assert not made.refused
    assert f"array({(holiday - date(1970, 1, 1)).days})" in made.sql
    parse_one(made.sql, dialect="spark")


def test_the_total_of_grouping_sets_is_a_select_of_its_own_because_spark_has_none_over_no_rows() -> None:
    made = _made("SELECT s, grouping(s) AS g, sum(i) AS n FROM air.t GROUP BY ROLLUP (s) HAVING count(*) > 1")
    assert not made.refused
    groups, total = made.sql.split(" UNION ALL ")
    assert "GROUPING SETS ((`t`.`s`))" in groups
    assert total.startswith("SELECT CAST(NULL AS STRING) AS `s`, 1 AS `g`, sum(`t`.`i`) AS `n`")
    assert "GROUP BY" not in total
    assert "HAVING COUNT(*) > 1" in total


@pytest.mark.parametrize(
    "select",
    [
        "SELECT s, sum(sum(i)) OVER () AS n FROM air.t GROUP BY ROLLUP (s)",
        "SELECT s FROM air.t GROUP BY GROUPING SETS ((s), ())",
        "SELECT DISTINCT s, sum(i) AS n FROM air.t GROUP BY CUBE (s)",
    ],
)
def test_a_total_that_cannot_stand_apart_is_refused(select: str) -> None:
    assert [one.why for one in _made(select).refused] == [
        "the total of GROUPING SETS, ROLLUP or CUBE beside windows, DISTINCT or LIMIT"
    ]


def test_a_stored_double_has_one_nan_and_a_computed_one_too() -> None:
    assert _one("d > 1") == "(CASE WHEN d < CAST('-Infinity' AS DOUBLE) THEN -d ELSE d END) > 1"
    made = _made("WITH c AS (SELECT d FROM air.t) SELECT d > 1 AS x FROM c")
    assert "`c`.`d` > 1" in made.sql, "once is enough"
