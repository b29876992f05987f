"""Every kind of expression that is written for Spark has DuckDB's value on both servers, at the edges of its types."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.functions.function_api import installed_spark_functions
from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.mart_engine import MartEngine
from citylake.pipelines.marts.spark.spark_session import end_session
from citylake.pipelines.marts.spark.transpile_select import SparkSelect, transpile_select
from tests.spark.edge_rows import SHAPE, edge_rows
from tests.spark.same_rows import differences, duckdb_rows, session_of, spark_rows, write_input

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql.connect.session import SparkSession

ZONES = ("Asia/Shanghai", "Europe/Berlin")
INPUTS: dict[tuple[str, ...], dict[str, str]] = {("t",): SHAPE}
SCALARS = """
i + 1 | i - n | i * m | m * d | d * e | d + e | d - e | -d | -e | n / 2 | d / e | i / 0 | n / nullif(i, 0)
100.0 * i / nullif(n, 0) | n // i | -7 // i | n % i | i % 3 | m % 2 | abs(d) | abs(m) | sign(d) | sign(i)
round(m, 1) | round(d, 1) | round(d, 2) | round(d) | round(n) | round(i * 0.5) | floor(m) | ceil(m) | floor(d)
ceil(e) | pow(d, 2) | pow(i, 0.5) | exp(i) | least(d, e) | greatest(d, e) | least(1, d) | greatest(0, 1 - d / e)
least(i, n) | greatest(day, later) | least(s, 'b') | sqrt(abs(d)) | sqrt(i * i) | CASE WHEN d > 0 THEN ln(d) END
CASE WHEN d > 0 THEN log10(d) END | CASE WHEN i > 0 THEN log2(i) END | lgamma(abs(i) + 1) | lgamma(i * i + 0.5)
m::INTEGER | (i * 0.5)::INTEGER | CASE WHEN abs(d) < 1000 THEN d::INTEGER END | m::BIGINT | i::DOUBLE | n::DOUBLE
m::DOUBLE | (m / 3)::BIGINT | i::VARCHAR | n::VARCHAR | day::VARCHAR | ok::VARCHAR | m::VARCHAR | m::DECIMAL(10, 1)
i::DECIMAL(6, 2) | TRY_CAST(s AS INTEGER) | TRY_CAST(s AS DOUBLE) | ok::INTEGER | i::BOOLEAN | d = e | d <> e | d < e
d >= e | d > 0 | e <= 0 | d = 0 | d IN (0, 1) | d BETWEEN 0 AND 2 | nullif(d, 0) | d IS NULL | g.part > d
d IS DISTINCT FROM e | d IS NOT DISTINCT FROM e | d * e > 5 | least(d * 0, 1)
CASE d WHEN 0 THEN 1 WHEN 2.5 THEN 2 END | isnan(d) | g.aqi | g.part | g.part + 1 | g IS NULL | coalesce(d, 0.5)
coalesce(m, d) | coalesce(i, m) | ok AND i > 0 | ok OR i > 0 | NOT ok | s = 'a' | s < 'b' | s > ''
s IS DISTINCT FROM 'a' | s LIKE 'a%' | s LIKE '%a_' | s IN ('a', 'A') | s || 'x' | s || i | s || m | day || s
upper(s) | lower(s) | trim(s) | length(s) | left(s, 2) | right(s, 2) | substr(s, 2) | substr(s, 2, 1) | substr(s, -2)
substring(s, 1, 3) | starts_with(s, 'a') | starts_with(s, '') | string_split(s, ';') | len(string_split(s, ';'))
list_contains(string_split(s, ';'), 'c') | [i, 2] | list_sum([i, 2, NULL]) | list_sum([d, e])
list_sum(list_transform(range(3), x -> x * 2)) | list_transform(range(2, 5), x -> x + 1)
list_filter(range(5), x -> x > 2) | list_sum(list_transform(range(i), x -> x)) | day + 1 | day - i | later - day
day + INTERVAL 1 DAY | day - INTERVAL 1 MONTH | came + INTERVAL 1 DAY | came + INTERVAL 1 HOUR
came - INTERVAL 1 MONTH | came + to_hours(i) | came - to_days(i) | came + 1.5 * INTERVAL 1 HOUR
came + m * INTERVAL 1 MINUTE | came - CASE WHEN abs(d) < 9 THEN d END * INTERVAL 1 HOUR | local + INTERVAL 1 HOUR
local - to_minutes(i) | local + INTERVAL 1 MONTH | year(day) | month(day) | day(day) | quarter(day) | week(day)
dayofweek(day) | isodow(day) | dayofyear(day) | year(came) | month(came) | day(came) | hour(came) | minute(came)
second(came) | isodow(came) | week(came) | hour(local) | minute(local) | date_part('hour', opens)
date_part('minute', opens) | extract(doy FROM came) | date_trunc('month', day) | date_trunc('month', day) = day
date_trunc('month', day)::DATE | date_trunc('week', day) | date_trunc('year', day) | date_trunc('quarter', day)
date_trunc('hour', came) | date_trunc('day', came) | date_trunc('minute', came) | date_trunc('month', came)
date_trunc('week', came) | date_trunc('second', came) | came::DATE | local::DATE | came::TIMESTAMP
local::TIMESTAMPTZ | day::TIMESTAMP
day::TIMESTAMPTZ | came AT TIME ZONE 'Asia/Shanghai' | came AT TIME ZONE 'Europe/Berlin' | came AT TIME ZONE 'UTC'
local AT TIME ZONE 'Asia/Shanghai' | local AT TIME ZONE 'Europe/Berlin' | day AT TIME ZONE 'Europe/Berlin'
epoch(came) | epoch(came - seen) | epoch_ms(came) | epoch_ms(came) - epoch_ms(seen) | date_diff('day', day, later)
date_diff('month', day, later) | date_diff('year', day, later) | date_diff('day', came, seen)
date_diff('hour', came, seen) | date_diff('minute', came, seen) | date_diff('second', came, seen)
date_diff('month', came, seen) | date_sub('year', day, later) | date_sub('year', later, day) | strftime(day, '%Y-%m')
strftime(came, '%Y-%m-%d %H:%M:%S') | strftime(day, '%Y年%m月') | came < seen | came = seen | day < later
day < came::DATE | came > TIMESTAMPTZ '2026-03-29 01:00:00+00' | day = DATE '2024-02-29' | opens < TIME '08:05'
opens = '08:05' | opens BETWEEN '06:00' AND '09:00:00' | (came AT TIME ZONE 'Asia/Shanghai')::TIME
(came AT TIME ZONE 'Asia/Shanghai')::TIME >= opens | opens | local::TIME < opens | make_date(2026, 1, 5)
len(range(i)) | len(generate_series(1, i)) | (day::TIMESTAMP + to_seconds(i)) AT TIME ZONE 'Asia/Shanghai'
birth_decade(day) | age_band(day, later, 5)
"""
AGGREGATES = """
count(*) | count(d) | count(DISTINCT s) | count(DISTINCT d) | sum(i) | sum(n) | sum(m) | sum(e) | avg(i) | avg(m)
avg(d) | min(d) | max(d) | min(s) | max(s) | min(came) | max(day) | min(m) | max(opens) | sum(i) FILTER (WHERE ok)
count(*) FILTER (WHERE d > e) | max(d) FILTER (WHERE d < 5) | avg(i) FILTER (WHERE s > 'a')
count(DISTINCT i) FILTER (WHERE ok) | arg_max(s, id) | arg_min(s, id) | arg_max(i, (day, id)) | arg_min(d, (e, id))
arg_max(d, d) | arg_min(e, e) | max(d) FILTER (WHERE ok) | arg_max(s, (n, id)) FILTER (WHERE ok) | median(i)
median(d) | median(m) | quantile_cont(d, 0.25) | quantile_cont(i, 0.9) | quantile_disc(i, 0.5) | quantile_disc(d, 0.9)
quantile_disc(s, 0.3) | quantile_disc(d, 0.5) FILTER (WHERE ok) | median(i) FILTER (WHERE ok) | quantile_cont(e, 0.75)
bool_and(ok) | bool_or(ok) | bool_and(d > 0) | stddev(i) | stddev_samp(m) | variance(i) | product(i)
product(i) FILTER (WHERE i > 0) | product(d) | string_agg(s, ',' ORDER BY s) | string_agg(DISTINCT s, ';' ORDER BY s)
string_agg(s, ',' ORDER BY id) | string_agg(s, ',' ORDER BY day, id DESC) | string_agg(s, ',' ORDER BY i DESC, id)
string_agg(s, ',' ORDER BY came DESC, id) | string_agg(s, ',' ORDER BY i DESC NULLS FIRST, id)
string_agg(s, '、' ORDER BY s) FILTER (WHERE ok) | string_agg(s, ',' ORDER BY d, id) | mode(i ORDER BY i)
mode(s ORDER BY s) | sum(d) > 5 | max(day) - min(day) | sum(i) / count(*)
round(100.0 * count(*) FILTER (WHERE ok) / count(*), 1) | sum(d * 0) | sum(DISTINCT i) | any_value(k) | max(d / e)
min(d / e) | least(max(d), 1)
"""
WINDOWS = """
row_number() OVER w | rank() OVER (ORDER BY i) | dense_rank() OVER (ORDER BY s DESC)
percent_rank() OVER (ORDER BY d) | cume_dist() OVER (ORDER BY e) | row_number() OVER (ORDER BY d, id)
row_number() OVER (ORDER BY e DESC, id) | row_number() OVER (PARTITION BY d ORDER BY id) | lag(d) OVER w
lead(i, 2) OVER w | lag(i, 1, 0) OVER w | first_value(s) OVER w | last_value(d) OVER w | sum(i) OVER w
sum(d) OVER (PARTITION BY k) | avg(m) OVER w | count(*) FILTER (WHERE ok) OVER w | max(d) OVER w
min(e) OVER (PARTITION BY k) | sum(i) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)
median(d) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) | median(i) OVER w
median(i) OVER (PARTITION BY k) | median(d) FILTER (WHERE ok) OVER w
product(i) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)
product(d) OVER (PARTITION BY k ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
sum(i) OVER (ORDER BY later RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW)
string_agg(s, ',' ORDER BY s) OVER (PARTITION BY k)
max(n) OVER (PARTITION BY k ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) | bool_or(ok) OVER w
any_value(k) OVER (PARTITION BY k) | sum(i) OVER w + count(*) OVER w | d / nullif(sum(e) OVER (PARTITION BY k), 0)
sum(d) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) | avg(d) OVER v | max(e) OVER v | min(d) OVER v
sum(d) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) | sum(i) FILTER (WHERE ok) OVER v
stddev(i) OVER v | avg(i) OVER v
row_number() OVER (PARTITION BY k, i > 8 ORDER BY came, id) - row_number() OVER (PARTITION BY k ORDER BY came, id)
"""
BY_CLOCK = {
    "came AT TIME ZONE 'Asia/Shanghai'", "came AT TIME ZONE 'UTC'", "local AT TIME ZONE 'Asia/Shanghai'",
    "epoch(came - seen)",
    "date_diff('hour', came, seen)", "(came AT TIME ZONE 'Asia/Shanghai')::TIME",
    "(came AT TIME ZONE 'Asia/Shanghai')::TIME >= opens",
    "(day::TIMESTAMP + to_seconds(i)) AT TIME ZONE 'Asia/Shanghai'",
    "came + INTERVAL 1 DAY", "came - to_days(i)",
}  # fmt: skip
"""Refused where the clocks of the workspace's zone change: DuckDB takes them from the clock."""
SELECTS = {
    "values": ("SELECT id, {} FROM t", SCALARS),
    "all": ("SELECT {} FROM t", AGGREGATES),
    "nothing": ("SELECT {} FROM t WHERE false", AGGREGATES),
    "groups": ("SELECT k, {} FROM t GROUP BY k", AGGREGATES),
    "windows": (
        "SELECT id, {} FROM t WINDOW w AS (PARTITION BY k ORDER BY id),"
        " v AS (PARTITION BY k ORDER BY id ROWS 1 PRECEDING)",
        WINDOWS,
    ),
    "cube": (
        "SELECT k, ok, grouping(k) AS came, grouping(k, ok) AS both, {} FROM t GROUP BY CUBE (k, ok)",
        "count(*) | sum(i) | max(d)",
    ),
    "rollup": ("SELECT k, ok, {} FROM t WHERE false GROUP BY ROLLUP (k, ok)", "count(*) | sum(i) | coalesce(k, 9)"),
    "sets": (
        "SELECT k, {} FROM t WHERE false GROUP BY GROUPING SETS ((), (k)) HAVING count(*) < 5",
        "count(*) | grouping(k)",
    ),
    "by double": ("SELECT d, {} FROM t GROUP BY d", "count(*) | sum(i)"),
    "distinct": ("SELECT DISTINCT {} FROM t", "d * e | d"),
    "union": ("SELECT {} FROM t UNION SELECT e, d FROM t", "d | e"),
    "subqueries": (
        "SELECT id, {} FROM t",
        "(SELECT max(u.i) FROM t AS u WHERE u.k = t.k) | i > (SELECT avg(u.i) FROM t AS u)"
        " | (SELECT count(*) FROM t AS u WHERE u.n = t.i) | EXISTS (SELECT 1 FROM t AS u WHERE u.k = t.k AND u.i > t.i)"
        " | (SELECT sum(u.d) FILTER (WHERE u.ok) FROM t AS u WHERE u.k = t.k)",
    ),
    "conditions": (
        "SELECT {} FROM t WHERE (id < 3 OR i IN (SELECT u.i FROM t AS u WHERE u.k = t.k AND u.id <> t.id))"
        " AND i NOT IN (SELECT u.n FROM t AS u WHERE u.n > 7) AND NOT EXISTS (SELECT 1 FROM t AS u WHERE u.k = t.id)",
        "id",
    ),
    "casts": (
        "SELECT day, day::TIMESTAMP AS at, {} FROM t GROUP BY ALL HAVING sum(i::BIGINT) < 99",
        "sum(i) | sum(i::DOUBLE) | avg(m) | avg(m::INTEGER) | count(DISTINCT came) | count(DISTINCT came::DATE)",
    ),
    "one group": ("SELECT {}, 1 AS one FROM t WHERE false GROUP BY ALL", "count(*) | sum(i)"),
    "joined": (
        "SELECT a.id * 1000 + b.id AS id, {} FROM t AS a JOIN t AS b ON a.d * 1 = b.e AND a.k = b.k",
        "a.d | b.i",
    ),
}


def expressions_of(name: str) -> list[str]:
    """The expressions of one of :data:`SELECTS`."""
    return [part.strip() for line in SELECTS[name][1].strip().splitlines() for part in line.split(" | ")]


def select_of(name: str, left_out: Collection[str] = ()) -> str:
    """One SELECT with a column for every expression of a list."""
    parts = [part for part in expressions_of(name) if part not in left_out]
    return SELECTS[name][0].format(", ".join(f"{part} AS c{at}" for at, part in enumerate(parts)))


@pytest.fixture(scope="module")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edges")


def fill(connection: DuckDBPyConnection) -> None:
    """Create the table of edges."""
    create_typed_table(connection, ("t",), SHAPE)
    rows = pa.Table.from_pylist(edge_rows())
    connection.register("edge_rows", rows)
    columns = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in SHAPE.items())
    connection.execute(f"INSERT INTO t SELECT {columns} FROM edge_rows")


def told_differences(session: SparkSession, connection: DuckDBPyConnection, zone: str, name: str) -> list[str]:
    """What differs between DuckDB and a server whose view ``edges`` has the same rows."""
    select = select_of(name, BY_CLOCK if zone == "Europe/Berlin" else ())
    made = _made(select, zone)
    assert not made.refused, made.refused
    found = spark_rows(session, made.sql.replace("`in_0`", "`edges`"))
    return differences(found, duckdb_rows(connection, select))


def _made(select: str, zone: str) -> SparkSelect:
    return transpile_select(select, INPUTS, zone, installed_spark_functions(lambda day: day.weekday() < 5))


def test_where_clocks_change_what_depends_on_the_clock_is_refused() -> None:
    for expression in BY_CLOCK:
        assert _made(f"SELECT {expression} AS x FROM t", "Europe/Berlin").refused, expression
        assert not _made(f"SELECT {expression} AS x FROM t", "Asia/Shanghai").refused, expression


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("server", ["sail", "apache_spark"])
def test_an_expression_has_the_value_of_duckdb(
    server: str, zone: str, edges: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    session = session_of(request.getfixturevalue(server), zone)
    engine = MartEngine(Lake(str(tmp_path)), zone, "256MB", is_workday=lambda day: day.weekday() < 5)
    with engine, engine.room() as connection:
        fill(connection)
        write_input(session, connection, ("t",), SHAPE, "edges", edges / f"{server}-{zone[:4]}.parquet")
        told = {name: told_differences(session, connection, zone, name) for name in SELECTS}
    end_session(session)
    assert not any(told.values()), {name: some for name, some in told.items() if some}
