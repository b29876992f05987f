"""How many rows each day of the batch will have in the table after the commit, and which files hold them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from citylake.quality.audit.audit_input import AuditInput
from citylake.quality.duckdb_views import create_parquet_view, quote_column

_DAY_FOLDER = re.compile(r"/_day=(\d{4}-\d\d-\d\d)/[^/]*$")


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Rows of the batch's complete days, and the staged files of all its days."""

    rows: Mapping[date, int] = field(default_factory=dict)
    files: Mapping[date, Sequence[str]] = field(default_factory=dict)


def files_by_day(files: Sequence[str]) -> dict[date, list[str]]:
    """Return the files below a folder of a day, by that day; others are left out."""
    found: dict[date, list[str]] = defaultdict(list)
    for file in files:
        if named := _DAY_FOLDER.search(file):
            found[date.fromisoformat(named[1])].append(file)
    return dict(found)


def total_rows_by_day(batch: AuditInput) -> DayTotals:
    """Return the rows that each day of the batch will have after the commit.

    A day that the table does not have yet: its staged rows, from the files' footers. Otherwise exact, by the keys of
    that day alone: ``upsert`` adds what is new, ``append`` adds all, ``replace`` leaves the newest receipt's rows.
    """
    files = dict(sorted(files_by_day(batch.files).items()))
    days = {day: _day_total(batch, day, files[day]) for day in files if day < batch.history.today}
    return DayTotals(days, files)


def _day_total(batch: AuditInput, day: date, staged: Sequence[str]) -> int:
    stored = batch.history.files.get(day, ())
    types = create_parquet_view(batch.connection, "day_staged", staged)
    whole = batch.contract.write.mode == "replace" and not batch.history.split_days
    if whole and "_receipt" in types:
        newest = "SELECT count(*) FROM day_staged GROUP BY _receipt ORDER BY _receipt DESC LIMIT 1"
        return int(batch.one(newest)[0])
    fresh = int(batch.one("SELECT count(*) FROM day_staged")[0])
    return fresh + (_kept_rows(batch, stored, types) if stored else 0)


def _kept_rows(batch: AuditInput, stored: Sequence[str], staged: Mapping[str, str]) -> int:
    """The stored rows of a day that neither a later reading nor a row of the same key replaces."""
    types = create_parquet_view(batch.connection, "day_stored", stored)
    write = batch.contract.write
    keys = [*write.key, *((write.valid.start,) if write.valid else ())] if write.mode == "upsert" else []
    receipts = ", ".join("'" + each.replace("'", "''") + "'" for each in batch.history.replaced)
    conditions = [f"s._receipt NOT IN ({receipts})"] if receipts and "_receipt" in types else []
    if keys and all(key in types and key in staged for key in keys):
        equal = " AND ".join(f"n.{quote_column(key)} = s.{quote_column(key)}" for key in keys)
        conditions.append(f"NOT EXISTS (FROM day_staged n WHERE {equal})")
    where = " AND ".join(conditions) or "true"
    return int(batch.one(f"SELECT count(*) FROM day_stored s WHERE {where}")[0])
