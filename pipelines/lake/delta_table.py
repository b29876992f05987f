"""Opening the lake's Delta tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from citylake.pipelines.lake.lake_zones import Lake


class LakeDeltaTable(DeltaTable):
    """A Delta table with decoded paths.

    deltalake encodes a table's path as a URL, with ``%20`` for a space, which is no folder of the file system. The
    names of the files below it are not encoded.
    """

    @property
    def table_uri(self) -> str:
        """The decoded path of the table."""
        return unquote(super().table_uri)

    def file_uris(self, *arguments: Any, **options: Any) -> list[str]:
        """The decoded paths of the table's files."""
        encoded = super().table_uri.removeprefix("file://")
        known = unquote(encoded)
        return [known + uri.removeprefix(encoded) for uri in super().file_uris(*arguments, **options)]


def open_delta(lake: Lake, root: str, version: int | None = None) -> DeltaTable:
    """Open the table at ``root``, as it is now or in an earlier ``version``. Raises TableNotFoundError."""
    return LakeDeltaTable(root, version=version, storage_options=lake.storage_options)


def delta_exists(lake: Lake, root: str) -> bool:
    """Return whether ``root`` is a Delta table."""
    return DeltaTable.is_deltatable(root, storage_options=lake.storage_options)


def open_delta_if_exists(lake: Lake, root: str, version: int | None = None) -> DeltaTable | None:
    """Open the table at ``root``, or return None if there is none."""
    return open_delta(lake, root, version) if delta_exists(lake, root) else None


def scan_lake_table(lake: Lake, root: str) -> pl.LazyFrame | None:
    """Return the rows of the table at ``root`` as a lazy frame, or None if there is no table."""
    table = open_delta_if_exists(lake, root)
    return None if table is None else pl.scan_delta(table, storage_options=lake.storage_options)
