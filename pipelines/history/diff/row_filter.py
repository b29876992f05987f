"""Which rows and columns of a mart's tables a person asks about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class RowFilter:
    """``key``: column → text of its value. ``day_from`` and ``day_to`` are inclusive. Empty means all."""

    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    key: Mapping[str, str] = field(default_factory=dict)
    day_from: date | None = None
    day_to: date | None = None

    def takes(self, table: str, columns: Mapping[str, str], day: str | None) -> bool:
        """Whether rows of a table can be meant: it has the columns of the key, and a day if days are given."""
        named = not self.tables or table in self.tables
        return named and self.key.keys() <= columns.keys() and (day is not None or not (self.day_from or self.day_to))

    def where(self, side: str, day: str | None) -> str:
        """SQL of the rows of ``side``, an alias."""
        parts = [f"{side}.{sql_identifier(name)}::VARCHAR = {sql_literal(text)}" for name, text in self.key.items()]
        if day and self.day_from:
            parts.append(f"{side}.{sql_identifier(day)} >= DATE '{self.day_from}'")
        if day and self.day_to:
            parts.append(f"{side}.{sql_identifier(day)} <= DATE '{self.day_to}'")
        return " AND ".join(parts) or "true"


def parse_key(texts: list[str]) -> dict[str, str]:
    """Return column → text of ``COLUMN=VALUE``. Raises DIFF_KEY_UNREADABLE."""
    found = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name.strip():
            raise CitylakeError("DIFF_KEY_UNREADABLE", text=text)
        found[name.strip()] = value
    return found


def check_filter(mart: str, chosen: RowFilter, known: Mapping[str, Mapping[str, str]]) -> None:
    """Raise DIFF_NAME_UNKNOWN for a table or column that neither version has. ``known``: table → its columns."""
    columns = sorted({column for each in known.values() for column in each})
    for names, each in ((chosen.tables, sorted(known)), ((*chosen.columns, *chosen.key), columns)):
        for name in names:
            if name not in each:
                raise CitylakeError("DIFF_NAME_UNKNOWN", mart=mart, name=name, known=", ".join(each) or "—")
