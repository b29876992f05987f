"""SQL conditions of a contract: broken where true, unknown where a field was not understood."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from citylake.quality.rules.contract_rules import contract_rules
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError


def contract(when: str) -> Contract:
    words: Any = {"zh": "测", "en": "test"}
    return Contract.model_validate(
        {
            "dataset": "test.rows",
            "title": words,
            "owner": {"department": "测"},
            "source": {"connector": "files", "path": "x", "format": "csv"},
            "fields": {"a": {"element": "air.pm10"}},
            "rules": [{"issue": "ODD", "when": when}],
            "write": {"mode": "append"},
        }
    )


FRAME = pl.DataFrame({"a": [1.0, 5.0, None, None], "b": [2.0, 2.0, 2.0, None], "a_failed": [False, False, False, True]})


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("a > b", [False, True, None, False]),
        ("a IS NULL", [False, False, True, False]),
        ("b > 1 AND a IS NULL", [False, False, True, False]),
    ],
)
def test_a_condition_over_a_failed_field_is_not_broken(when: str, expected: list[bool | None]) -> None:
    rule = next(contract_rules(contract(when), ["a", "b"], {"a": pl.col("a_failed")}))
    assert FRAME.select(rule.broken).to_series().to_list() == expected


def test_the_values_behind_a_broken_condition_are_shown() -> None:
    rule = next(contract_rules(contract("a > b"), ["a", "b"], {}))
    assert rule.value is not None
    assert FRAME.select(rule.value).to_series().to_list()[1] == "a=5.0, b=2.0"


def test_a_condition_that_is_no_sql_is_told_with_its_text() -> None:
    with pytest.raises(CitylakeError) as caught:
        list(contract_rules(contract("a >>> "), ["a"], {}))
    assert "a >>> " in caught.value.say("zh")
