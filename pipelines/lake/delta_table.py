"""Opening the lake's Delta tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from citylake.pipelines.lake.lake_zones import Lake


class LakeDeltaTable(DeltaTable):
    """A Delta table whose files can be found wherever it lies.

    deltalake names a table's place as a URL does, with ``%20`` for a blank; no file system knows such a folder. The
    names of files below it are as they are.
    """

    @property
    def table_uri(self) -> str:
        """The table's place, as it is called."""
        return unquote(super().table_uri)

    def file_uris(self, *arguments: Any, **options: Any) -> list[str]:
        """The table's files, as they are called."""
        encoded = super().table_uri.removeprefix("file://")
        known = unquote(encoded)
        return [known + uri.removeprefix(encoded) for uri in super().file_uris(*arguments, **options)]


def open_delta(lake: Lake, root: str) -> DeltaTable:
    """The table at ``root``; raises TableNotFoundError where there is none."""
    return LakeDeltaTable(root, storage_options=lake.storage_options)


def delta_exists(lake: Lake, root: str) -> bool:
    """Whether there is a table at ``root``."""
    return DeltaTable.is_deltatable(root, storage_options=lake.storage_options)


def open_delta_if_exists(lake: Lake, root: str) -> DeltaTable | None:
    """The table at ``root``, if there is one."""
    return open_delta(lake, root) if delta_exists(lake, root) else None


def scan_lake_table(lake: Lake, root: str) -> pl.LazyFrame | None:
    """The rows of the table at ``root``, not read yet, if there is one."""
    table = open_delta_if_exists(lake, root)
    return None if table is None else pl.scan_delta(table, storage_options=lake.storage_options)
