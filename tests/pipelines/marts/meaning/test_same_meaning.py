"""How a SELECT is written changes no finding: other aliases, a WITH, a subquery, other letters, a join's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipelines.marts.meaning.conftest import Check
from tests.pipelines.marts.meaning.test_corpora import PAIRS

Rewriting = Callable[[str], str]
_TABLE = re.compile(r"\b(FROM|JOIN) ((?:air|weather|traffic|city|energy)\.[a-z]+)(?: AS ([a-z]+))?(?=[\s),]|$)")


def in_with(sql: str) -> str:
    """The whole SELECT as a WITH."""
    return f"WITH wrapped_select AS ({sql}\n) SELECT * FROM wrapped_select"


def in_subquery(sql: str) -> str:
    """The whole SELECT as a subquery, twice."""
    return f"SELECT inner_rows.* FROM (SELECT * FROM ({sql}\n) AS most_inner) AS inner_rows"


def tables_in_subqueries(sql: str) -> str:
    """Every table as a subquery of it, in which nothing happens."""
    return _TABLE.sub(lambda m: f"{m[1]} (SELECT * FROM {m[2]}) AS {m[3] or m[2].split('.')[1]}", sql)


def tables_filtered(sql: str) -> str:
    """Every table behind a condition that says nothing."""
    name = r"\1 (SELECT * FROM (SELECT * FROM \2 WHERE true) ORDER BY 1)"
    return _TABLE.sub(lambda m: m.expand(name) + f" AS {m[3] or m[2].split('.')[1]}", sql)


def ordered(sql: str) -> str:
    """The rows in an order, and only some."""
    return f"SELECT * FROM ({sql}\n) ORDER BY ALL LIMIT 1000"


REWRITINGS: tuple[Rewriting, ...] = (in_with, in_subquery, tables_in_subqueries, tables_filtered, ordered)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pair=st.sampled_from(PAIRS),
    side=st.sampled_from(["wrong", "right"]),
    how=st.lists(st.sampled_from(REWRITINGS), min_size=1, max_size=3, unique=True),
)
def test_findings_are_those_of_the_meaning(pair: dict[str, Any], side: str, how: list[Rewriting], check: Check) -> None:
    # The tables first: what wraps the whole SELECT names columns that a table may not have.
    sql = pair[side].strip()
    for rewrite in sorted(how, key=REWRITINGS.index, reverse=True):
        sql = rewrite(sql) if rewrite in (tables_in_subqueries, tables_filtered) else sql
    for rewrite in how:
        sql = rewrite(sql) if rewrite not in (tables_in_subqueries, tables_filtered) else sql
    expected = {pair["code"]} if side == "wrong" else set()
    assert {each.code for each in check(sql, pair.get("columns"))} == expected


@pytest.mark.parametrize("prefix", ["a", "some_very_long_alias"])
def test_names_of_aliases_do_not_matter(prefix: str, check: Check) -> None:
    tables = "traffic.segments AS {0} JOIN traffic.devices AS {1} USING (segment_code)"
    template = f"SELECT sum({{0}}.segment_length_m) AS x FROM {tables}"
    assert [each.code for each in check(template.format(f"{prefix}1", f"{prefix}2"))] == ["JOIN_REPEATS_ROWS"]
