"""What of the marts a change reaches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from citylake.pipelines.marts.functions.air_quality.aqi_functions import AirQualityFunctions
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.mart_lineage import MartLineage


def touched_marts(registry: Registry, dataset: str, columns: Collection[str] | None) -> tuple[str, ...]:
    """``mart.table.column`` that depend on the columns (None: on the rows), and ``mart.table`` if its rows do."""
    if columns is not None and not columns:
        return ()
    found = MartLineage(registry).touched(dataset, columns)
    return tuple(".".join(part for part in touch if part) for touch in found)


def index_marts(registry: Registry) -> tuple[str, ...]:
    """The tables ``mart.table`` whose SQL calculates an index."""
    return tuple(sorted(f"{mart}.{table}" for mart, table in _index_tables(registry)))


def _index_tables(registry: Registry) -> Iterator[tuple[str, str]]:
    # Editions are read by these functions alone.
    calls = re.compile(rf"\b({'|'.join(AirQualityFunctions.signatures)})\s*\(", re.IGNORECASE)
    for name, mart in registry.marts.items():
        folder = registry.places["mart", name].path.parent
        for table in mart.tables:
            file = folder / f"{table}.sql"
            if file.is_file() and calls.search(file.read_text(encoding="utf-8")):
                yield name, table
