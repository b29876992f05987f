"""The suite of a standard table agrees with the pass: a rule over a refused value is unknown, not broken."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import load_registry
from tests.declared import ALL_PACKS

pytest.importorskip("great_expectations", reason="the extra 'quality' is not installed")

CONTRACT: dict[str, Any] = {
    "dataset": "air.hourly",
    "title": {"zh": "时", "en": "hourly"},
    "owner": {"department": "bureau"},
    "source": {"connector": "files", "path": "x.csv", "format": "csv"},
    "fields": {"o3": {"element": "air.o3", "refuse": "value"}, "no2": {"element": "air.no2"}},
    "rules": [{"issue": "O3_MISSING", "when": "o3_ugm3 IS NULL", "text": {"zh": "缺", "en": "missing"}}],
    "write": {"mode": "append"},
}


def broken_rows(table: str, present: list[str]) -> int:
    """The rows of ``table`` for which the rule's expectation fails."""
    from citylake.quality.expectations.expectation_suite import build_suite

    suite = build_suite(Contract.model_validate(CONTRACT), load_registry(ALL_PACKS), present)
    (rule,) = [each for each in suite.expectations if "O3_MISSING" in str(getattr(each, "description", ""))]
    query = str(getattr(rule, "unexpected_rows_query")).format(batch=f"({table})")  # noqa: B009 (not exported to types)
    return len(duckdb.connect().sql(query).fetchall())


def test_a_rule_over_a_refused_value_is_unknown() -> None:
    columns = ["o3_ugm3", "no2_ugm3", "_refused"]
    one = "SELECT NULL::DOUBLE AS o3_ugm3, 1.0 AS no2_ugm3, "
    assert broken_rows(one + "'no2_ugm3,o3_ugm3' AS _refused", columns) == 0
    assert broken_rows(one + "'no2_ugm3' AS _refused", columns) == 1
    assert broken_rows(one + "NULL::VARCHAR AS _refused", columns) == 1


def test_a_table_of_an_earlier_contract_has_no_refused_values() -> None:
    assert broken_rows("SELECT NULL::DOUBLE AS o3_ugm3, 1.0 AS no2_ugm3", ["o3_ugm3", "no2_ugm3"]) == 1
