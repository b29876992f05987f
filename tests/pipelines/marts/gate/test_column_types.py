from __future__ import annotations

import pytest

from citylake.pipelines.marts.gate.column_types import cast_loss


@pytest.mark.parametrize(
    ("made", "stored"),
    [
        ("DOUBLE", "BIGINT"),
        ("DECIMAL(10,2)", "BIGINT"),
        ("TIMESTAMP", "DATE"),
        ("TIMESTAMP WITH TIME ZONE", "DATE"),
        ("VARCHAR", "BIGINT"),
        ("VARCHAR", "DATE"),
        ("DOUBLE", "VARCHAR"),
        ("TIMESTAMP", "TIMESTAMPTZ"),
        ("DATE", "TIMESTAMPTZ"),
        ("BOOLEAN", "BIGINT"),
        ("VARCHAR[]", "VARCHAR"),
    ],
)
def test_what_a_cast_can_lose_is_said(made: str, stored: str) -> None:
    assert cast_loss(made, stored)


@pytest.mark.parametrize(
    ("made", "stored"),
    [
        ("INTEGER", "BIGINT"),
        ("HUGEINT", "BIGINT"),
        ("DECIMAL(38,0)", "BIGINT"),
        ("BIGINT", "DOUBLE"),
        ("DECIMAL(10,2)", "DOUBLE"),
        ("FLOAT", "DOUBLE"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"),
        ("ENUM('a', 'b')", "VARCHAR"),
        ('"NULL"', "DATE"),
        ("VARCHAR", "TIME"),
        ("DATE", "DATE"),
    ],
)
def test_a_cast_that_loses_nothing_is_silent(made: str, stored: str) -> None:
    assert cast_loss(made, stored) == ""
