"""What a contract or a mart promises, as quality checks and service levels of ODCS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.described_table import DescribedTable
from citylake.pipelines.exchange.odcs.custom_properties import VENDOR, ZONE, customs
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.contract_rule import ContractRule
from citylake.schemas.model.expectations import MartExpectations, RowCountBounds, TableExpectations
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.words.message_catalogue import issue_types

_HOUR_S: Final = 3600
_OWN: Final = ("rows", "completeness", "unique", "references")
"""Expectations that have a check of the standard."""


def contract_checks(contract: Contract) -> list[dict[str, Any]]:
    """The rules and expectations of a contract."""
    return [*map(_rule, contract.rules), *_expected(contract.expect)]


def table_checks(table: MartTable) -> list[dict[str, Any]]:
    """The checks and expectations of a mart's table."""
    counted = [
        {
            "name": each.name.zh,
            "description": each.name.en,
            "type": "sql",
            "query": each.sql,
            "mustBe": 0,
            "severity": each.severity,
            "dimension": each.dimension,
        }
        for each in table.checks
    ]
    return [*counted, *_expected(table.expect)]


def relationships(table: DescribedTable) -> list[dict[str, Any]]:
    """The foreign keys: a pair of names, or of lists of names."""
    found = []
    for each in table.foreign_keys:
        own = [f"{table.name}.{name}" for name in each.columns]
        other = [f"{each.table}.{name}" for name in each.keys]
        single = len(own) == 1
        found.append({"type": "foreignKey", "from": own[0] if single else own, "to": other[0] if single else other})
    return found


def contract_service_levels(contract: Contract) -> list[dict[str, Any]]:
    """When data come, how fresh they are, and how late rows may arrive."""
    found = []
    if schedule := contract.schedule:
        when = {"scheduler": "cron", "schedule": schedule.cron, **customs({ZONE: schedule.timezone})}
        found.append({"property": "frequency", "value": schedule.cron, **when})
        found.append({"property": "lateDays", "value": schedule.late_days, "unit": "d"})
    if contract.expect.freshness:
        hours = parse_duration(contract.expect.freshness).total_seconds() / _HOUR_S
        found.append({"property": "latency", "value": int(hours) if hours.is_integer() else hours, "unit": "h"})
    return found


def mart_service_levels(mart: Mart) -> list[dict[str, Any]]:
    """The period of a run, and how long a day waits for its inputs."""
    found: list[dict[str, Any]] = [
        {"property": "frequency", "value": 1, "unit": {"day": "d", "month": "mo"}[mart.partition]}
    ]
    if mart.wait:
        found.append({"property": "latency", "value": parse_duration(mart.wait).total_seconds() / _HOUR_S, "unit": "h"})
    return found


def _rule(rule: ContractRule) -> dict[str, Any]:
    # A workspace may have issue types of its own.
    known = issue_types().get(rule.issue)
    told = rule.text or (known.text if known else None)
    dimension = {"dimension": known.dimension} if known and known.dimension != "none" else {}
    return {
        "name": rule.issue,
        **({"description": f"{told.zh}\n{told.en}"} if told else {}),
        "type": "sql",
        "query": f"SELECT count(*) FROM ${{table}} WHERE {rule.when}",
        "mustBe": 0,
        "severity": rule.severity,
        **dimension,
    }


def _expected(expect: TableExpectations | MartExpectations) -> Iterator[dict[str, Any]]:
    if expect.rows and (bounds := _row_bounds(expect.rows)):
        yield {"type": "library", "metric": "rowCount", "dimension": "completeness", **bounds}
    for column, share in expect.completeness.items():
        most = round(100 * (1 - share), 6)
        about = {"metric": "nullValues", "arguments": {"column": column}, "unit": "percent"}
        yield {"type": "library", **about, "mustBeLessOrEqualTo": most, "dimension": "completeness"}
    for columns in expect.unique:
        about = {"metric": "duplicateValues", "arguments": {"properties": list(columns)}}
        yield {"type": "library", **about, "mustBe": 0, "dimension": "uniqueness"}
    stated = authored_document(expect)
    own = {key: value for key, value in stated.items() if key not in _OWN}
    if (rows := expect.rows) and (
        kept := {k: v for k, v in authored_document(rows).items() if k not in ("min", "max")}
    ):
        own["rows"] = kept
    if own:
        yield {"type": "custom", "engine": VENDOR, "implementation": own}


def _row_bounds(rows: RowCountBounds) -> dict[str, Any]:
    if rows.min is not None and rows.max is not None:
        return {"mustBe": rows.min} if rows.min == rows.max else {"mustBeBetween": [rows.min, rows.max]}
    if rows.min is not None:
        return {"mustBeGreaterOrEqualTo": rows.min}
    return {} if rows.max is None else {"mustBeLessOrEqualTo": rows.max}
