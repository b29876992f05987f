"""Opening the lake's Delta tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from citylake.pipelines.lake.delta_log import heal_log, last_log_version
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.retry_attempts import retry_attempts

T = TypeVar("T")
_ATTEMPTS = 3
_BROKEN_OFF = re.compile(r"request or response body error|error reading a body|getting list response body")
"""What deltalake says of an answer that was cut while the log was listed, which it does not request again."""


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

    def update_incremental(self) -> None:
        """Read what others have committed since; a listing that breaks off is asked for again."""
        _retried(super().update_incremental)


def open_delta(lake: Lake, root: str, version: int | None = None) -> DeltaTable:
    """Open the table at ``root``, now or in an earlier ``version``. Raises TableNotFoundError, and LOG_TORN."""
    heal_log(lake, root)
    return _retried(lambda: LakeDeltaTable(root, version=version, storage_options=lake.storage_options))


def delta_version(lake: Lake, root: str) -> int:
    """Return the version of the table at ``root``, or -1 if there is no table. Raises LOG_TORN."""
    # The names in the log tell it: to open a table takes a hundred times as long, or a request for each entry.
    heal_log(lake, root)
    return last_log_version(lake, root)


def delta_exists(lake: Lake, root: str) -> bool:
    """Return whether ``root`` is a Delta table. Raises LOG_TORN."""
    heal_log(lake, root)
    return _retried(lambda: DeltaTable.is_deltatable(root, storage_options=lake.storage_options))


def _retried(read: Callable[[], T]) -> T:
    for attempt in retry_attempts(_is_broken_off, attempts=_ATTEMPTS, wait_initial=0.1, wait_max=2.0):
        with attempt:
            return read()
    raise AssertionError("the last attempt returns or raises")


def _is_broken_off(error: Exception) -> bool:
    return bool(_BROKEN_OFF.search(str(error)))


def open_delta_if_exists(lake: Lake, root: str, version: int | None = None) -> DeltaTable | None:
    """Open the table at ``root``, or return None if there is none."""
    # In a folder, looking takes a tenth of an attempt to open; on a store, each listing is a request.
    if lake.local and not delta_exists(lake, root):
        return None
    try:
        return open_delta(lake, root, version)
    except TableNotFoundError:
        return None


def scan_lake_table(lake: Lake, root: str) -> pl.LazyFrame | None:
    """Return the rows of the table at ``root`` as a lazy frame, or None if there is no table."""
    table = open_delta_if_exists(lake, root)
    return None if table is None else pl.scan_delta(table, storage_options=lake.storage_options)
