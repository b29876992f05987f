"""The ledger's rows as the documents have them: JSON text read, faults in words, times as ISO 8601."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipelines.document import issue_json, problem_json
from pipelines.ledger import Ledger
from schemas.contract import Contract
from schemas.faults import Problem

if TYPE_CHECKING:
    import polars as pl

Row = dict[str, Any]


def newest(ledger: Ledger, table: str, where: pl.Expr, most: int) -> list[Row]:
    """The newest ``most`` rows of a table of which ``where`` is true, the newest first."""
    rows = ledger.scan(table).filter(where)
    by = next(name for name in ("at", "requested_at") if name in rows.collect_schema().names())
    return rows.top_k(most, by=by).sort(by, descending=True).collect(engine="streaming").to_dicts()


def batch(row: Mapping[str, Any], contract: Contract | None) -> Row:
    """A batch: its counts, its faults in words, and by how many rows."""
    return {
        **_plain(row, without=("issues", "problems", "seconds", "receipts")),
        "receipts_count": len(row["receipts"] or ()),
        "issues": [issue_json(contract, code, rows) for code, rows in _json(row["issues"], {}).items()],
        "problems": problems(row["problems"]),
        "seconds": _json(row["seconds"], {}),
    }


def receipt(row: Mapping[str, Any]) -> Row:
    """A fetch attempt."""
    told = problems(row["problems"])
    kept = _plain(row, without=("problems", "cursor", "landing"))
    return {**kept, "problem": told[0] if told else None, "continues": row["cursor"] is not None}


def check(row: Mapping[str, Any]) -> Row:
    """A judgement."""
    return {**_plain(row, without=("problems",)), "problems": problems(row["problems"])}


def publication(row: Mapping[str, Any]) -> Row:
    """An attempt at a mart's version."""
    kept = _plain(row, without=("tables", "days", "versions", "incomplete", "problems", "tables_hash"))
    return {
        **kept,
        "tables": _json(row["tables"], {}),
        "days": _json(row["days"], {}),
        "incomplete": _json(row["incomplete"], []),
        "problems": problems(row["problems"]),
    }


def of_the_last_run(found: list[Row]) -> list[Row]:
    """Of judgements, the newest first, those of the newest run, in the order in which they were made."""
    return [row for row in reversed(found) if row["run"] == found[0]["run"]]


def problems(text: str | None) -> list[Row]:
    """Faults, each with its code and its words in both languages."""
    return [problem_json(Problem(told["code"], told["values"])) for told in _json(text, [])]


def _plain(row: Mapping[str, Any], without: Iterable[str] = ()) -> Row:
    return {name: _said(value) for name, value in row.items() if name not in set(without)}


def _said(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return [_said(item) for item in value] if isinstance(value, list) else value


def _json(text: str | None, absent: Any) -> Any:
    return json.loads(text) if text else absent
