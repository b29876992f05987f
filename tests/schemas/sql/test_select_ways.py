"""How, and not only whether, a column takes part in a mart's column and rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.schemas.sql.select_lineage import trace_select
from citylake.schemas.sql.transformation_types import DIRECT_TYPES, TransformationType, chain_transformations
from tests.schemas.sql.test_lineage import KNOWN, OWN

Shown = dict[str, list[str]]
CASE = {"d.one.x": ["TRANSFORMATION"], "d.one.y": ["CONDITIONAL"]}


def ways(select: str) -> tuple[Shown, Shown]:
    """For the column ``v`` and for the rows, the ways in which each column takes part."""
    found = trace_select(select, KNOWN, OWN)
    assert found.followed
    value = {".".join(source): [str(how) for how in sorted(hows)] for source, hows in found.columns["v"].items()}
    return value, {".".join(source): [str(how) for how in sorted(hows)] for source, hows in found.rows.items()}


@pytest.mark.parametrize(
    ("select", "value"),
    [
        ("SELECT x AS v FROM d.one", {"d.one.x": ["IDENTITY"]}),
        ("SELECT (x) AS v FROM d.one", {"d.one.x": ["IDENTITY"]}),
        ("SELECT x::BIGINT AS v FROM d.one", {"d.one.x": ["TRANSFORMATION"]}),
        ("SELECT x + y AS v FROM d.one", {"d.one.x": ["TRANSFORMATION"], "d.one.y": ["TRANSFORMATION"]}),
        ("SELECT round(avg(x), 1) AS v FROM d.one", {"d.one.x": ["AGGREGATION"]}),
        ("SELECT count(*) AS v FROM d.one", {}),
        ("SELECT CASE WHEN y > 0 THEN x END AS v FROM d.one", CASE),
        ("SELECT CASE y WHEN 1 THEN x END AS v FROM d.one", CASE),
        ("SELECT sum(x) FILTER (WHERE y > 0) AS v FROM d.one", {"d.one.x": ["AGGREGATION"], "d.one.y": ["FILTER"]}),
        (
            "SELECT sum(x) OVER (PARTITION BY y ORDER BY _day) AS v FROM d.one",
            {"d.one.x": ["AGGREGATION"], "d.one.y": ["WINDOW"], "d.one._day": ["WINDOW"]},
        ),
        ("SELECT list(x ORDER BY y) AS v FROM d.one", {"d.one.x": ["AGGREGATION"], "d.one.y": ["SORT"]}),
        (
            "SELECT (SELECT max(t.y) FROM d.two AS t WHERE t.x = 1) AS v FROM d.one",
            {"d.two.y": ["AGGREGATION"], "d.two.x": ["FILTER"]},
        ),
        (
            "WITH a AS (SELECT x, sum(y) AS s FROM d.one GROUP BY x) SELECT s * 2 AS v FROM a",
            {"d.one.y": ["AGGREGATION"]},
        ),
        (
            "WITH a AS (SELECT x AS s FROM d.one), b AS (SELECT s AS w FROM a) SELECT w AS v FROM b",
            {"d.one.x": ["IDENTITY"]},
        ),
        (
            "SELECT x AS v FROM d.one UNION ALL SELECT y + 1 FROM d.one",
            {"d.one.x": ["IDENTITY"], "d.one.y": ["TRANSFORMATION"]},
        ),
        ("SELECT x + max(x) AS v FROM d.one GROUP BY x", {"d.one.x": ["AGGREGATION", "TRANSFORMATION"]}),
        ("SELECT small.z AS v FROM small", {"mart.m.small.z": ["IDENTITY"]}),
    ],
)
def test_a_value_tells_how_it_is_made(select: str, value: Shown) -> None:
    assert ways(select)[0] == value


@pytest.mark.parametrize(
    ("select", "rows"),
    [
        ("SELECT x AS v FROM d.one WHERE y > 0", {"d.one.y": ["FILTER"]}),
        ("SELECT x AS v FROM d.one GROUP BY x HAVING max(y) > 0", {"d.one.x": ["GROUP_BY"], "d.one.y": ["FILTER"]}),
        ("SELECT x AS v, max(y) AS m FROM d.one GROUP BY ALL", {"d.one.x": ["GROUP_BY"]}),
        ("SELECT x AS v FROM d.one ORDER BY y LIMIT 1", {"d.one.y": ["SORT"]}),
        ("SELECT a.x AS v FROM d.one AS a JOIN d.two AS b USING (x)", {"d.one.x": ["JOIN"], "d.two.x": ["JOIN"]}),
        ("SELECT x AS v FROM d.one QUALIFY row_number() OVER (PARTITION BY y) = 1", {"d.one.y": ["WINDOW"]}),
        ("SELECT x AS v FROM d.one WHERE y IN (SELECT x FROM d.two)", {"d.one.y": ["FILTER"]}),
        (
            "WITH a AS (SELECT x, y + 1 AS k FROM d.one) SELECT x AS v FROM a WHERE k > 0",
            {"d.one.y": ["FILTER"]},
        ),
    ],
)
def test_the_rows_tell_what_decides_on_them(select: str, rows: Shown) -> None:
    assert ways(select)[1] == rows


HOWS = st.sampled_from([*DIRECT_TYPES, "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"])


@given(HOWS, HOWS, HOWS)
def test_a_way_over_three_steps_is_the_same_wherever_it_is_parted(
    first: TransformationType, second: TransformationType, third: TransformationType
) -> None:
    assert chain_transformations(chain_transformations(first, second), third) == chain_transformations(
        first, chain_transformations(second, third)
    )


@given(HOWS)
def test_a_step_that_changes_nothing_changes_nothing(how: TransformationType) -> None:
    assert chain_transformations(how, "IDENTITY") == how == chain_transformations("IDENTITY", how)
