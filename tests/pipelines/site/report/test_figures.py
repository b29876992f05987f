"""Numbers of the report site and the SQL beside them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.read.ledger_sql import query_ledger
from citylake.pipelines.site.report.next_commands import NextCommands
from citylake.pipelines.site.report.report_ledger import sql_moment
from citylake.pipelines.site.report.scorecard import PERIODS, dimension_scores
from citylake.quality.check_result import DIMENSIONS
from tests.pipelines.site.report.conftest import Site
from tests.thorough import examples
from tests.trial import Trial


def answers(value: Any) -> Iterator[dict[str, Any]]:
    """Every answer with its SQL, wherever it is in a document."""
    if isinstance(value, dict):
        if "sql" in value:
            yield value
        for part in value.values():
            yield from answers(part)
    elif isinstance(value, list):
        for part in value:
            yield from answers(part)


def plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value


def test_the_sql_beside_each_number_gives_that_number(built: Site, lake: Trial) -> None:
    found = {}
    for path in sorted((built.root / "data").rglob("*.json")):
        for answer in answers(json.loads(path.read_text("utf-8"))):
            found[answer["sql"]] = answer
    assert len(found) > 40
    for sql, answer in found.items():
        columns, rows = query_ledger(lake.lake, sql)
        shown = [[answer["value"]]] if "value" in answer else answer["rows"]
        assert [list(map(plain, row)) for row in rows] == shown, sql
        if "columns" in answer:
            assert columns == answer["columns"]


def test_the_numbers_are_those_of_the_ledger(built: Site, lake: Trial) -> None:
    numbers = built.document("index")["numbers"]
    committed = [row for row in lake.ledger.read("batches").to_dicts() if row["status"] == "committed"]
    for name in ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate"):
        assert numbers[name]["value"] == sum(row[name] for row in committed)
    assert numbers["rows_quarantined"]["value"] > 0


def test_each_page_shows_the_sql_and_its_command(built: Site) -> None:
    page = built.page("index")
    sql = built.document("index")["numbers"]["rows_in"]["sql"]
    escaped = sql.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert page.count(escaped.replace('"', "&#34;")) >= 2
    assert "citylake --lake" in page


@settings(max_examples=examples(10, 25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40))
def test_a_shell_gives_citylake_the_statement_as_it_is(sql: str) -> None:
    words = NextCommands("/a lake", "/w").ledger(sql).partition(" ledger ")[2]
    done = subprocess.run(["bash", "-c", f"printf %s {words}"], capture_output=True, check=True)
    assert done.stdout.decode() == sql


COUNT = st.integers(0, 10**9)


@given(st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT), min_size=18, max_size=18))
def test_a_score_is_a_percentage_and_absent_only_without_rows_and_checks(counts: list[tuple[int, ...]]) -> None:
    places = [(dimension, period) for dimension in DIMENSIONS for period in PERIODS]
    columns = ["dimension", "period", "rows_in", "rows_found", "checks", "passed"]
    rows = [
        [*place, rows_in, found, checks, min(passed, checks)]
        for place, (rows_in, found, checks, passed) in zip(places, counts, strict=True)
    ]
    scores = dimension_scores({"sql": "", "columns": columns, "rows": rows})
    assert [entry["dimension"] for entry in scores] == list(DIMENSIONS)
    for entry in scores:
        for period in PERIODS:
            one = entry[period]
            assert (one["score"] is None) == (not one["rows_in"] and not one["checks"])
            assert one["score"] is None or 0 <= one["score"] <= 100
            if one["rows_found"] and one["rows_in"] and one["score"] is not None:
                assert one["score"] < 100


@pytest.mark.parametrize("department", ["市交通运输局", "市公安局", "市水务局"])
def test_every_department_has_a_score_for_each_dimension(built: Site, department: str) -> None:
    scores = built.document(f"departments/{department}")["scores"]
    assert [entry["dimension"] for entry in scores] == list(DIMENSIONS)


def test_what_was_recorded_in_the_second_of_the_report_is_in_it() -> None:
    moment = datetime(2026, 3, 1, 8, 0, 0, 500_000, UTC)
    found = duckdb.connect().sql(f"SELECT epoch_us({sql_moment(moment)})").fetchone()
    assert found == (round(moment.timestamp() * 1_000_000),)
