"""The columns of the files that stewards fill in: their keys, their headings, and how they are found again."""

from __future__ import annotations

from typing import Final

from citylake.schemas.words.message_catalogue import translate_key

COLUMNS: Final = (
    "dataset", "row_id", "file", "row", "state", "due", "field", "value_now",
    "reason_zh", "reason_en", "correct_value", "why",
)  # fmt: skip
"""The keys, which are the headings of CSV and YAML files. Workbooks have both languages instead."""
FILLED_IN: Final = ("correct_value", "why")
NEEDED: Final = ("dataset", "row_id", "field", "value_now", "correct_value")
NO_VALUE: Final = ("<空>", "<empty>")
"""What a steward writes if the right value is no value; an empty cell is no correction."""


def column_heading(key: str) -> str:
    """Return the heading of a workbook's column: ``更正为 / correct value``."""
    return " / ".join(translate_key(f"acts.column_{key}", language) for language in ("zh", "en"))


def column_of(heading: str) -> str | None:
    """Return the key of a column with this heading; None for the source's fields and others."""
    return _by_heading().get(heading.strip().casefold())


def _by_heading() -> dict[str, str]:
    found = {key: key for key in COLUMNS}
    for key in COLUMNS:
        words = [translate_key(f"acts.column_{key}", language) for language in ("zh", "en")]
        found |= {name.casefold(): key for name in (*words, column_heading(key))}
    return found
