"""A comparison as a reader asks for it: with the gates of a query, and on record like one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from citylake.pipelines.history.diff.diff_work import open_diff
from citylake.pipelines.history.diff.row_filter import RowFilter
from citylake.pipelines.history.diff.run_diff import OpenDifference, run_diff
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import published_pointer
from citylake.pipelines.read.recorded_query import recorded_reading
from citylake.schemas.read.registry import Registry


@contextmanager
def open_recorded_diff(
    lake: Lake,
    mart: str,
    versions: tuple[str, str],
    registry: Registry | None,
    asked: Asked,
    chosen: RowFilter | None = None,
    *,
    limit: int = 20,
    to_file: str = "",
    memory: str | None = None,
) -> Iterator[tuple[OpenDifference, str]]:
    """Compare two versions of a mart; yield the comparison, and why it is not on record (empty if it is).

    Raises MART_NOT_PUBLISHED, MART_CLOSED, QUERY_NOT_RECORDED, and what ``open_diff`` and ``run_diff`` raise.
    """
    pointer, chosen = published_pointer(lake, mart), chosen or RowFilter()
    with open_diff(lake, pointer, versions, registry, chosen, limit) as work:
        request = f"diff {work.before.version} {work.after.version}{_told(chosen)}"
        unrecorded = recorded_reading(lake, pointer, request, asked, to_file=to_file)
        with run_diff(work, memory) as found:
            yield found, unrecorded


def _told(chosen: RowFilter) -> str:
    """The chosen tables, columns and days; of the key only the columns, because values may name a person."""
    words = [f"table {name}" for name in chosen.tables] + [f"column {name}" for name in chosen.columns]
    words += [f"key {name}" for name in chosen.key]
    days = (("from", chosen.day_from), ("to", chosen.day_to))
    words += [f"{word} {day}" for word, day in days if day]
    return f" ({', '.join(words)})" if words else ""
