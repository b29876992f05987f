"""Converts ledger rows for documents: JSON text parsed, problems with their messages, times as ISO 8601."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from citylake.pipelines.flow.run_document import issue_json, problem_json
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.quality.check_result import check_dimension
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    import polars as pl

LedgerEntry = dict[str, Any]


def newest_entries(ledger: Ledger, table: str, where: pl.Expr, most: int) -> list[LedgerEntry]:
    """Return the newest ``most`` rows of a ledger table that match ``where``, newest first."""
    rows = ledger.scan(table).filter(where)
    return rows.top_k(most, by=SEQUENCE).sort(SEQUENCE, descending=True).collect(engine="streaming").to_dicts()


def batch_entry(row: Mapping[str, Any], contract: Contract | None) -> LedgerEntry:
    """Return a batch: counts, issues with their messages and row counts, problems, and seconds by step."""
    return {
        **_plain_entry(row, without=("issues", "problems", "seconds", "receipts")),
        "receipts_count": len(row["receipts"] or ()),
        "issues": [issue_json(contract, code, rows) for code, rows in _parse_json(row["issues"], {}).items()],
        "problems": problem_entries(row["problems"]),
        "seconds": _parse_json(row["seconds"], {}),
    }


def receipt_entry(row: Mapping[str, Any]) -> LedgerEntry:
    """Return a receipt. ``continues``: the fetch can be resumed."""
    problems = problem_entries(row["problems"])
    kept = _plain_entry(row, without=("problems", "cursor", "landing"))
    return {**kept, "problem": problems[0] if problems else None, "continues": row["cursor"] is not None}


def check_entry(row: Mapping[str, Any]) -> LedgerEntry:
    """Return a check result."""
    dimension = row.get("dimension") or check_dimension(row["name"])
    return {
        **_plain_entry(row, without=("problems",)),
        "dimension": dimension,
        "problems": problem_entries(row["problems"]),
    }


def publication_entry(row: Mapping[str, Any]) -> LedgerEntry:
    """Return an attempt to publish a mart version."""
    kept = _plain_entry(row, without=("tables", "days", "versions", "incomplete", "problems", "tables_hash"))
    return {
        **kept,
        "tables": _parse_json(row["tables"], {}),
        "days": _parse_json(row["days"], {}),
        "incomplete": _parse_json(row["incomplete"], []),
        "problems": problem_entries(row["problems"]),
    }


def checks_of_last_run(found: list[LedgerEntry]) -> list[LedgerEntry]:
    """Return the checks of the newest run, in the order of evaluation. ``found``: checks, newest first."""
    return [row for row in reversed(found) if row["run"] == found[0]["run"]]


def problem_entries(text: str | None) -> list[LedgerEntry]:
    """Parse the JSON list of problems. Each gets its code and its message in both languages."""
    return [problem_json(Problem(stored["code"], stored["values"])) for stored in _parse_json(text, [])]


def _plain_entry(row: Mapping[str, Any], without: Iterable[str] = ()) -> LedgerEntry:
    return {name: _plain_value(value) for name, value in row.items() if name not in set(without)}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return [_plain_value(item) for item in value] if isinstance(value, list) else value


def _parse_json(text: str | None, absent: Any) -> Any:
    return json.loads(text) if text else absent
