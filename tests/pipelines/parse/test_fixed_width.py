"""Text whose columns stand at fixed places of each line."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from citylake.schemas.model.formats import FixedWidthFormat

BODY = """T
code  name      value
001   New York    1.5
002   東京        12.0

# x
003   x
004             9
Total            9
"""
COLUMNS = {"code": [1, 5], "name": [7, 15], "value": [16]}
FORM = {"type": "fixed_width", "columns": COLUMNS, "title_rows": 2, "footer": "Total", "comment": "#"}


def test_columns_are_cut_at_their_places(parser: Any) -> None:
    outcome = parser(BODY.encode("utf-8-sig"), format={**FORM, "short_lines": "blank"})
    assert outcome.parsed.columns == ("code", "name", "value")
    assert outcome.rows == [("001", "New York", "1.5"), ("002", "東京", "12.0"), ("003", "x", None), ("004", None, "9")]
    assert outcome.lines == [3, 4, 7, 8]
    skipped = [(line["row"], line["why"]) for line in outcome.parsed.report["skipped"]]
    assert skipped == [(1, "title"), (2, "title"), (5, "blank"), (6, "comment"), (9, "footer")]


def test_a_short_line_is_refused_with_its_text(parser: Any) -> None:
    outcome = parser(BODY.encode(), format=FORM)
    assert outcome.lines == [3, 4, 8]
    assert outcome.refused == {7: "LINE_SHORT"}
    problem = parser(BODY.encode(), format={**FORM, "bad_rows": "hold"}).parsed.problem
    assert (problem.code, problem.values["row"], problem.values["expected"]) == ("LINE_SHORT", 7, 16)
    assert parser(b"a\nb\nabc\n", format={"type": "fixed_width", "widths": {"x": 1, "y": 2}}).parsed.problem


def test_widths_follow_one_another(parser: Any) -> None:
    outcome = parser("ab12\r\ncd 3\r\n".encode("utf-16"), format={"type": "fixed_width", "widths": {"x": 2, "y": 2}})
    assert outcome.rows == [("ab", "12"), ("cd", "3")]


def test_columns_or_widths_are_stated() -> None:
    for wrong in ({}, {"columns": COLUMNS, "widths": {"a": 1}}, {"columns": {"a": [3, 2]}}, {"columns": {"a": [0, 2]}}):
        with pytest.raises(ValidationError):
            FixedWidthFormat.model_validate(wrong)
