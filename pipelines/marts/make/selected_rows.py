"""The rows of a SELECT, computed while they are read; its error is kept apart from those of the reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH_ROWS = 65_536


class SelectedRows:
    """The rows of ``select``. Raises duckdb.Error if it cannot be run."""

    def __init__(self, connection: DuckDBPyConnection, select: str) -> None:
        self.error: Exception | None = None
        """What has stopped the SELECT, once its rows are read."""
        self._rows = connection.execute(select).to_arrow_reader(BATCH_ROWS)

    def reader(self) -> pa.RecordBatchReader:
        """Return a reader of all rows, once."""
        return pa.RecordBatchReader.from_batches(self._rows.schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._rows
        except Exception as error:
            self.error = error
            raise
