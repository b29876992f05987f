"""Great Expectations and our own rules agree on every rule that both have, over random data."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.quality.audit import AuditCounts, audit_batch
from citylake.quality.expectations.suite_result import ExpectationResult
from citylake.quality.rules.contract_rules import contract_rules
from citylake.quality.rules.element_rules import element_rules
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace
from tests.declared import ALL_PACKS

pytest.importorskip("great_expectations", reason="the extra 'quality' is not installed")

START = datetime(2026, 3, 1, tzinfo=UTC)
NAME = {"zh": "某", "en": "one"}
CODES = ("K1", "K3")
ELEMENTS: dict[str, dict[str, Any]] = {
    "device": {"pattern": "D[0-9]{2}"},
    "at": {"type": "datetime", "representation": "datetime"},
    "kind": {"codes": "t.kind", "representation": "code"},
    "speed": {"type": "decimal", "range": (0, 200), "representation": "quantity", "unit": "km/h"},
}
ROWS = st.fixed_dictionaries(
    {
        "device": st.sampled_from(["D01", "D02", "xD03", "D1", ""]) | st.none(),
        "at": st.integers(0, 3) | st.none(),
        "kind": st.sampled_from(["K1", "K3", "K9"]) | st.none(),
        "speed": st.sampled_from([0.0, 200.0, 60.5, -0.1, 200.1]) | st.none(),
    }
)


def registry() -> Registry:
    found = Registry(Workspace(ALL_PACKS))
    for symbol, more in ELEMENTS.items():
        base = {"name": NAME, "definition": NAME, "object_class": "x", "property": "x", "representation": "name"}
        one = DataElement.model_validate({"id": f"t.{symbol}", "symbol": symbol, "type": "string"} | base | more)
        found.elements[one.id] = one
    values = [{"code": code, "name": NAME} for code in CODES]
    found.codes["t.kind"] = CodeList.model_validate({"id": "t.kind", "name": NAME, "values": values})
    return found


CONTRACT = Contract.model_validate(
    {
        "dataset": "t.rows",
        "title": NAME,
        "owner": {"department": "局"},
        "source": {"connector": "files", "path": "*.csv", "format": "csv"},
        "fields": {symbol: {"element": f"t.{symbol}"} for symbol in ELEMENTS},
        "write": {"mode": "replace", "key": [], "partition": "day(at)"},
        "expect": {
            "rows": {"min": 3},
            "completeness": {"speed": 0.75, "device": 1},
            "unique": [["device"], ["device", "at"]],
            "severity": {"completeness.speed": "warning", "unique": "warning"},
        },
        "rules": [
            {"issue": "FAST_K3", "when": "kind = 'K3' AND speed > 60"},
            {"issue": "UNKNOWN_SPEED", "when": "speed IS NULL AND kind IS NOT NULL", "severity": "warning"},
        ],
    }
)
KINDS = {
    "rows.min": ("expect_table_row_count_to_be_between", ""),
    "completeness.speed": ("expect_column_values_to_not_be_null", "speed"),
    "completeness.device": ("expect_column_values_to_not_be_null", "device"),
    "unique.device": ("expect_column_values_to_be_unique", "device"),
    "unique.device+at": ("unexpected_rows_expectation", "device, at"),
    "PATTERN_MISMATCH": ("unexpected_rows_expectation", "device"),
    "CODE_UNKNOWN": ("expect_column_values_to_be_in_set", "kind"),
    "VALUE_OUT_OF_RANGE": ("expect_column_values_to_be_between", "speed"),
    "FAST_K3": ("unexpected_rows_expectation", "FAST_K3"),
    "UNKNOWN_SPEED": ("unexpected_rows_expectation", "UNKNOWN_SPEED"),
}


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    times = [None if row["at"] is None else START + timedelta(hours=row["at"]) for row in rows]
    plain = ("device", "kind")
    schema: dict[str, Any] = {
        "device": pl.String,
        "at": pl.Datetime("us", "UTC"),
        "kind": pl.String,
        "speed": pl.Float64,
    }
    columns = {name: [row[name] for row in rows] for name in (*plain, "speed")}
    return pl.DataFrame({**columns, "at": times}, schema_overrides=schema).select(*schema)


def our_verdicts(frame: pl.DataFrame, file: str) -> dict[str, tuple[bool, bool]]:
    """By rule: whether it is kept, and whether it is an error."""
    found, known = {}, registry()
    with duckdb.connect() as connection:
        counts = AuditCounts(frame.height, frame.height, 0)
        for check in audit_batch(CONTRACT, counts, connection, files=[file], now=START):
            found[check.name] = (check.passed, check.severity == "error")
    rules = [rule for symbol in ("device", "speed") for rule in element_rules(known.elements[f"t.{symbol}"], symbol)]
    for rule in (*rules, *contract_rules(CONTRACT, frame.columns, {})):
        broken = int(frame.select(rule.broken.fill_null(value=False).sum()).item())
        found[rule.code] = (broken == 0, rule.severity == "error")
    unknown = frame.filter(~pl.col("kind").is_in(list(CODES))).height
    found["CODE_UNKNOWN"] = (unknown == 0, True)
    return found


def their_verdicts(file: str, folder: Path) -> tuple[dict[tuple[str, str], ExpectationResult], bool]:
    from citylake.quality.expectations.data_docs import build_data_docs

    database = f"same-{uuid.uuid4().hex}"
    with duckdb.connect(f":memory:{database}") as connection:
        outcome = build_data_docs(CONTRACT, registry(), [file], folder, connection, database, pages=False)
    return {(one.kind, one.subject.split(":")[0]): one for one in outcome.judgements}, outcome.success


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_both_give_the_same_verdict_and_severity_on_every_shared_rule(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("same")
    frame, file = table(rows), str(folder / "a.parquet")
    frame.write_parquet(file)
    ours, (theirs, success) = our_verdicts(frame, file), their_verdicts(file, folder / "docs")
    found = {name: (theirs[kind].success, theirs[kind].severity == "critical") for name, kind in KINDS.items()}
    assert found == {name: ours[name] for name in KINDS}
    assert success == all(kept or not error for kept, error in found.values())
