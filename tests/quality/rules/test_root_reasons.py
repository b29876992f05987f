"""One bad cell gives one reason: the cause."""

from __future__ import annotations

import polars as pl
import pytest

from citylake.quality.rules.root_reasons import root_reason
from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import pack_rule_words

CELLS = {"day": ["d"], "hour": ["d", "h"], "again": ["d"], "speed": ["s"], "flow": ["f"]}


def roots(*rules: RowRule) -> list[str]:
    """The reasons of a row that breaks every rule."""
    frame = pl.DataFrame({"x": [1]}).with_columns(pack_rule_words(rules, "e"))
    chosen = [frame.select(root_reason(number, rules, CELLS, "e")).item() for number in range(len(rules))]
    return [f"{rule.code} {rule.field}" for rule, root in zip(rules, chosen, strict=True) if root]


def broken(code: str, column: str, **more: object) -> RowRule:
    return RowRule(code, column, pl.lit(value=True), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([broken("A", "day"), broken("B", "day")], ["A day"]),
        ([broken("A", "day"), broken("B", "speed")], ["A day", "B speed"]),
        ([broken("A", "hour"), broken("B", "day")], ["B day"]),
        ([broken("A", "day"), broken("B", "again")], ["A day"]),
        ([broken("A", "speed"), broken("B", "speed, flow", over=("speed", "flow"))], ["A speed"]),
        (
            [broken("B", "flow", over=("flow",)), broken("C", "flow, day", over=("flow", "day"))],
            ["B flow", "C flow, day"],
        ),
        ([broken("GONE", "d", by_source=True), broken("A", "hour"), broken("B", "day")], ["GONE d"]),
        ([broken("A", "day"), broken("B", "again", refuses=("again",))], ["A day", "B again"]),
    ],
)
def test_a_reason_that_follows_from_another_is_not_given(rules: list[RowRule], expected: list[str]) -> None:
    assert roots(*rules) == expected


def test_causes_are_found_across_the_words_of_the_mask() -> None:
    others = [broken(f"R{number}", f"c{number}") for number in range(70)]
    assert roots(*others, broken("A", "c1"))[-1] == "R69 c69"
