"""Parquet with the meaning of its columns: elements, units and definitions as metadata of the fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.exchange.described_table import DescribedColumn, DescribedTable
from citylake.pipelines.exchange.exported_files import ExportFolder, unwritable
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.staged_data import StagedTable

_BATCH_ROWS = 50_000


def write_parquet_files(staged: Sequence[StagedTable], folder: ExportFolder, iris: Iris) -> None:
    """Write ``<table>.parquet`` for each table, and ``SHA256SUMS``. Raises OUTPUT_UNWRITABLE."""
    for each in staged:
        path = folder.place(f"{each.described.name}.parquet")
        try:
            with pq.ParquetFile(each.file) as source:
                schema = described_schema(source.schema_arrow, each.described, iris)
                with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                    for batch in source.iter_batches(_BATCH_ROWS):
                        writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
        except OSError as error:
            raise unwritable(path, error) from error
    folder.write_checksums()


def described_schema(schema: pa.Schema, table: DescribedTable, iris: Iris) -> pa.Schema:
    """The schema with metadata: of the table, and of each field that means something."""
    fields = [each.with_metadata(_field_metadata(table.column(each.name), iris)) for each in schema]
    about = {"citylake:table": table.name, "title:zh": table.title.zh, "title:en": table.title.en}
    if table.key:
        about["citylake:key"] = ",".join(table.key)
    return pa.schema(fields, metadata=about)


def _field_metadata(column: DescribedColumn | None, iris: Iris) -> dict[str, Any] | None:
    if column is None:
        return None
    element = column.element if column.of is None else None
    given = {
        "citylake:element": element.id if element else None,
        "iri": iris.of("element", element.id) if element else None,
        "unit": column.unit,
        "title:zh": column.title.zh if column.title else None,
        "title:en": column.title.en if column.title else None,
        "definition:zh": column.definition.zh if column.definition else None,
        "definition:en": column.definition.en if column.definition else None,
        "citylake:protection": column.protection if column.protection != "none" else None,
    }
    return {key: value for key, value in given.items() if value}
