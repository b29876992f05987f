"""DuckDB with a view of every dataset that a join needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.mart_engine import MartEngine
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@contextmanager
def open_join_views(
    lake: Lake, registry: Registry, datasets: Collection[str], memory: str | None = None, *, once: bool = False
) -> Iterator[DuckDBPyConnection]:
    """Yield a connection with a view of each dataset, in the workspace's time zone. A missing table is empty.

    ``once``: the caller reads each table once, so tables of tiny files are not copied.
    """
    zone = registry.workspace.settings.timezone
    with MartEngine(lake, zone, memory, zones=("standard",)) as engine, engine.room() as connection:
        for dataset in datasets:
            create_standard_view(connection, lake, registry, dataset, None, once=once)
        yield connection


def has_standard_table(lake: Lake, dataset: str) -> bool:
    """Return whether the dataset has rows in the standard zone, or had."""
    return delta_exists(lake, lake.standard(dataset))
