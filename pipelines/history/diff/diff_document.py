"""A comparison as one JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from citylake.pipelines.history.diff.cause_text import cause_text
from citylake.pipelines.history.diff.diff_result import (
    Cause,
    CellChange,
    MartDifference,
    NumberedCause,
    TableDifference,
)
from citylake.pipelines.history.diff.mart_versions import MartVersion
from citylake.schemas.words.message_catalogue import translate_key

_LANGUAGES = ("zh", "en")


def diff_document(found: MartDifference) -> dict[str, Any]:
    """The document; a cause is named by its ``number``."""
    return {
        "mart": found.after.mart,
        "before": _version(found.before),
        "after": _version(found.after),
        "tables": [_table(each, found.causes) for each in found.tables],
        "causes": [_numbered(each) for each in found.causes],
        "notes": [{language: translate_key(note, language) for language in _LANGUAGES} for note in found.notes],
    }


def cell_document(cell: CellChange) -> dict[str, Any]:
    """One changed cell, or an added or removed row with its values."""
    return {
        "status": cell.status,
        "key": dict(cell.key),
        "column": cell.column or None,
        "before": cell.before,
        "after": cell.after,
        "causes": list(cell.causes),
    }


def _version(version: MartVersion) -> dict[str, Any]:
    return {"version": version.version, "published_at": version.published_at, "revision": version.revision}


def _table(table: TableDifference, causes: tuple[NumberedCause, ...]) -> dict[str, Any]:
    by_cause = [
        {"cause": each.number, "cells": each.cells[table.table]} for each in causes if table.table in each.cells
    ]
    return {
        **{name: getattr(table, name) for name in ("table", "status", "rows_before", "rows_after")},
        **{name: getattr(table, name) for name in ("added", "removed", "changed")},
        "columns": [asdict(column) for column in table.columns],
        "columns_added": list(table.columns_added),
        "columns_removed": list(table.columns_removed),
        "causes": list(table.causes),
        "traced": table.traced,
        "by_cause": by_cause,
        "examples": [cell_document(each) for each in table.examples],
    }


def _numbered(each: NumberedCause) -> dict[str, Any]:
    return {"number": each.number, **_cause(each.cause), "cells": dict(each.cells)}


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "kind": cause.kind,
        "text": {language: cause_text(cause, language) for language in _LANGUAGES},
        "at": cause.at,
        "dataset": cause.dataset,
        "batch": cause.batch,
        "receipts": list(cause.receipts),
        "days": None if cause.days is None else sorted(cause.days),
        "rows": None if cause.rows is None else asdict(cause.rows),
        "files": [asdict(file) for file in cause.files],
        "because": [_cause(each) for each in cause.because],
    }
