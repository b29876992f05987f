"""Quarantined rows as a flat table for the person who corrects them at the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citylake.schemas.words.message_catalogue import translate_key


def quarantine_sheet(found: Mapping[str, Any], language: str) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of what :func:`list_quarantine` returned: where, why, id, state, and the source's fields."""
    rows: Sequence[Mapping[str, Any]] = found["rows"]
    fields = list(dict.fromkeys(name for row in rows for name in row["raw"]))
    headings = [translate_key(f"run.{name}", language) for name in ("source", "row", "why")]
    headings += [translate_key(f"quarantine.{name}", language) for name in ("row_id", "state", "due_on")]
    return [*headings, *fields], [_sheet_row(row, fields, language) for row in rows]


def _sheet_row(row: Mapping[str, Any], fields: Sequence[str], language: str) -> list[Any]:
    where = f"{row['source']} · {row['part']}" if row["part"] else row["source"]
    why = "\n".join(f"{reason['code']}: {reason['text'][language]}" for reason in row["reasons"])
    state = translate_key(f"site.state.{row['state']}", language)
    return [where, row["row"], why, row["row_id"], state, row["due_on"], *(row["raw"].get(name) for name in fields)]
