"""Two readings of the same receipts, compared by DuckDB over their staged files: rows, values, days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.trial.compare_columns import compare_columns
from citylake.pipelines.trial.compare_refused import compare_refused
from citylake.pipelines.trial.pair_rows import RowPairs, pair_rows
from citylake.pipelines.trial.read_both import TrialReading
from citylake.pipelines.trial.trial_result import ReadingDifference
from citylake.schemas.model.contract import Contract

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class ShownColumns:
    """``key``: the columns by which rows of one source row are told apart; ``open``: those whose values are shown."""

    key: Sequence[str]
    open: Collection[str]


def compare_readings(
    today: TrialReading, changed: TrialReading, contract: Contract, columns: ShownColumns, scratch: Lake, memory: str
) -> ReadingDifference:
    """The differences. ``memory``: DuckDB's limit, above which it spills to the scratch folder.

    Rows are the same if they have the same receipt and row; if a source row makes several, also the same key.
    """
    with open_lake_duckdb(scratch, memory) as connection:
        bad, good, other = compare_refused(connection, today.quarantine, changed.quarantine, columns.open)
        if not (today.standard and changed.standard):
            rows, others = today.counts.standard, changed.counts.standard
            return ReadingDifference(bad, good, other, rows, others, days=_all_days(today, changed))
        pairs = pair_rows(connection, today.standard, changed.standard, columns.key)
        only_today, only_changed, rows_changed = _row_counts(connection, pairs)
        return ReadingDifference(
            bad,
            good,
            other,
            only_today,
            only_changed,
            rows_changed,
            compare_columns(connection, pairs, columns.open),
            pairs.added,
            pairs.removed,
            _changed_days(connection, pairs),
        )


def _row_counts(connection: duckdb.DuckDBPyConnection, pairs: RowPairs) -> tuple[int, int, int]:
    """Rows of today's reading alone, of the changed one alone, and of both with any other value."""
    query = (
        "SELECT count(*) FILTER (WHERE c._row IS NULL), count(*) FILTER (WHERE t._row IS NULL),"
        f" count(*) FILTER (WHERE {pairs.both} AND ({pairs.any_changed})) FROM {pairs.joined}"
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def _changed_days(connection: duckdb.DuckDBPyConnection, pairs: RowPairs) -> tuple[str, ...]:
    if not pairs.days:
        return ()
    moved = f"NOT ({pairs.both}) OR ({pairs.any_changed}) OR t._trial_day IS DISTINCT FROM c._trial_day"
    query = (
        f"SELECT DISTINCT unnest([t._trial_day, c._trial_day]) AS day FROM {pairs.joined} WHERE {moved} ORDER BY day"
    )
    return tuple(day for (day,) in connection.execute(query).fetchall() if day is not None)


def _all_days(*readings: TrialReading) -> tuple[str, ...]:
    """The partitions of a reading without a counterpart, by the folders of its files."""
    folders = [path.rsplit("/", 2)[-2] for reading in readings for path in reading.standard]
    return tuple(sorted({name.partition("=")[2] for name in folders if name.startswith("_")}))
