"""Checks that intervals of one thing do not overlap: in a mart's table, or in a batch and the table that it joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from citylake.quality.audit.audit_input import AuditInput, CheckedRows, check_outcome
from citylake.quality.audit.day_totals import files_by_day
from citylake.quality.audit.overlapping_intervals import FRESH, find_overlaps
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import create_parquet_view, quote_column
from citylake.schemas.model.expectations import DisjointIntervals
from citylake.schemas.words.errors import Problem

_EXPECTED = "0 overlapping"
_PROVENANCE = ("_receipt", "_row")


def check_intervals(
    checked: CheckedRows, promised: Sequence[DisjointIntervals], names: Sequence[str]
) -> Iterator[CheckResult]:
    """Yield one check per promise; ``names``: the columns that name a row."""
    for intervals in promised:
        absent = checked.missing(intervals.check_name, intervals.columns, _EXPECTED)
        yield absent or _judge(checked, intervals, names or intervals.by)


def check_batch_intervals(batch: AuditInput) -> Iterator[CheckResult]:
    """Yield one check per promise of the contract: no row of the batch overlaps another, of the batch or the table.

    A register is compared with itself: each delivery is the whole of it. Of a table whose files replace whole months
    or years, only the batch is read.
    """
    for number, intervals in enumerate(batch.contract.expect.intervals):
        absent = batch.missing(intervals.check_name, intervals.columns, _EXPECTED)
        if absent or not batch.columns:
            yield absent or check_outcome(intervals.check_name, None, _EXPECTED, _EXPECTED)
            continue
        write = batch.contract.write
        if write.mode == "snapshot" and write.effective:
            own = intervals.model_copy(update={"by": (*intervals.by, write.effective)})
            yield _judge(batch.staged, own, write.key, intervals.check_name)
        else:
            yield _judge(_with_table(batch, intervals, f"intervals_{number}"), intervals, write.key or intervals.by)


def _judge(checked: CheckedRows, intervals: DisjointIntervals, names: Sequence[str], label: str = "") -> CheckResult:
    rows, examples = find_overlaps(checked, intervals, names) if checked.columns else (0, ())
    shown = "; ".join(examples)
    values = {
        "dataset": checked.subject,
        "by": ", ".join(intervals.by),
        "start": intervals.start,
        "end": intervals.end,
        "rows": rows,
        "examples": shown,
    }
    problem = Problem("INTERVALS_OVERLAP", values) if rows else None
    observed = f"{rows:,} overlapping" + (f": {shown}" if rows else "")
    return check_outcome(label or intervals.check_name, problem, observed, _EXPECTED)


def _with_table(batch: AuditInput, intervals: DisjointIntervals, view: str) -> CheckedRows:
    """The rows that the table will have of the batch's things: those of the batch, and those that it leaves there."""
    files = list(_standing_files(batch))
    types = create_parquet_view(batch.connection, f"{view}_stored", files) if files else {}
    if not all(column in types for column in intervals.columns):
        types = {}
    batch.connection.execute(f"CREATE OR REPLACE VIEW {view} AS {_together(batch, intervals, view, types)}")
    return CheckedRows(batch.contract.dataset, batch.connection, {**batch.columns, FRESH: "BOOLEAN"}, view)


def _standing_files(batch: AuditInput) -> Iterator[str]:
    mode, history = batch.contract.write.mode, batch.history
    if mode == "replace":
        again = files_by_day(batch.files)
        yield from chain.from_iterable(files for day, files in history.files.items() if day not in again)
    elif mode != "snapshot":
        yield from chain(history.whole, *history.files.values())


def _together(batch: AuditInput, intervals: DisjointIntervals, view: str, types: Mapping[str, str]) -> str:
    write = batch.contract.write
    keys = [*write.key, *((write.valid.start,) if write.valid else ())] if write.mode == "upsert" else []
    wanted = [*intervals.columns, *write.key, *keys, *((write.latest_by,) if write.latest_by else ()), *_PROVENANCE]
    wanted += [write.deleted.column] if write.deleted else []
    columns = [quote_column(name) for name in dict.fromkeys(wanted) if name in batch.columns]
    rows = f"SELECT {', '.join(columns)}, true AS {FRESH} FROM staged"
    if types:
        rows += f" UNION ALL BY NAME {_stored(batch, intervals, view, types, columns)}"
    newest = _newest(batch, keys)
    gone = f" WHERE {_kept(batch)}"
    return f"FROM (FROM ({rows}){newest}){gone}"


def _stored(
    batch: AuditInput, intervals: DisjointIntervals, view: str, types: Mapping[str, str], columns: Sequence[str]
) -> str:
    """The stored rows of the batch's things that no later reading of their file replaces."""
    things = ", ".join(map(quote_column, intervals.by))
    shown = ", ".join(column for column in columns if column.strip('"') in types)
    receipts = ", ".join("'" + each.replace("'", "''") + "'" for each in batch.history.replaced)
    again = f"_receipt NOT IN ({receipts})" if receipts and "_receipt" in types else "true"
    return f"""
        SELECT {shown}, false AS {FRESH} FROM {view}_stored SEMI JOIN staged USING ({things}) WHERE {again}"""


def _newest(batch: AuditInput, keys: Sequence[str]) -> str:
    """Keep one row a key, as the commit does: the newest by ``latest_by``, else the one that arrived later."""
    if not keys or not all(key in batch.columns for key in keys):
        return ""
    latest = batch.contract.write.latest_by
    order = [f"{quote_column(latest)} DESC NULLS LAST"] if latest and latest in batch.columns else []
    order += [f"{FRESH} DESC", *(f"{name} DESC" for name in _PROVENANCE if name in batch.columns)]
    listed = ", ".join(map(quote_column, keys))
    return f" QUALIFY row_number() OVER (PARTITION BY {listed} ORDER BY {', '.join(order)}) = 1"


def _kept(batch: AuditInput) -> str:
    """The condition that leaves out rows by which the source reports a deletion."""
    deleted = batch.contract.write.deleted
    if not deleted or deleted.column not in batch.columns:
        return "true"
    codes = ", ".join("'" + code.replace("'", "''") + "'" for code in deleted.codes)
    return f"coalesce({quote_column(deleted.column)}::VARCHAR NOT IN ({codes}), true)"
