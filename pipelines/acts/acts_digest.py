"""The acts of a day, and their digest: counts by department, kind and person, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, acts_table
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key

_LISTED = ("recorded_at", "act", "dataset", "department", "batch", "rows", "user", "via", "why", "act_id")


@dataclass(frozen=True, slots=True)
class ActsDigest:
    """What people decided on one day; texts have no values of data."""

    day: date
    counts: pl.DataFrame
    """``department, act, user, acts, rows``, by department."""

    @property
    def empty(self) -> bool:
        """Whether nobody decided anything."""
        return self.counts.is_empty()

    def text(self, language: str, department: str | None = None) -> str:
        """Return the digest, of one department or of all: a line for each kind of act and person."""
        chosen = self.counts if department is None else self.counts.filter(pl.col("department") == department)
        lines = [translate_key("acts.digest_title", language, day=self.day)]
        if chosen.is_empty():
            return "\n".join([*lines, translate_key("acts.digest_none", language)])
        for (name,), own in chosen.group_by("department", maintain_order=True):
            lines.append(translate_key("acts.digest_department", language, department=name))
            lines += [_line(row, language) for row in own.iter_rows(named=True)]
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """Return the digest for JSON."""
        return {
            "day": self.day.isoformat(),
            "counts": self.counts.to_dicts(),
            "text": {language: self.text(language) for language in ("zh", "en")},
        }


def digest_acts(ledger: Ledger, registry: Registry, day: date) -> ActsDigest:
    """Return the digest of ``day``, a day in the workspace's time zone."""
    acts = list_acts(ledger, registry, day)
    counts = acts.group_by("department", "act", "user").agg(pl.len().alias("acts"), pl.col("rows").sum())
    return ActsDigest(day, counts.sort("department", "act", "user"))


def list_acts(ledger: Ledger, registry: Registry, day: date | None = None) -> pl.DataFrame:
    """Return the acts of ``day`` (None: all), oldest first: when, what, where, who and why.

    Columns: ``recorded_at`` (in the workspace's time zone), ``act``, ``dataset``, ``department``, ``batch``, ``rows``,
    ``user``, ``via``, ``why`` and ``act_id``.
    """
    zone = registry.workspace.settings.timezone
    every = ledger.scan(acts_table.TABLE).with_columns(pl.col("recorded_at").dt.convert_time_zone(zone))
    chosen = every if day is None else every.filter(pl.col("recorded_at").dt.date() == day)
    return chosen.sort("recorded_at", "sequence").select(_LISTED).collect(engine="streaming")


def today(registry: Registry) -> date:
    """Return the present day in the workspace's time zone."""
    return datetime.now(UTC).astimezone(ZoneInfo(registry.workspace.settings.timezone)).date()


def _line(row: Mapping[str, Any], language: str) -> str:
    values = {"user": row["user"], "acts": f"{row['acts']:,}", "rows": f"{row['rows']:,}"}
    act = translate_key(f"acts.kind_{row['act']}", language)
    return translate_key("acts.digest_line", language, act=act, **values)
