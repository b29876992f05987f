"""Columns without nulls are required in the standard zone's files, and readers read them beside others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, QueryBuilder

from citylake.pipelines.blocks.block import Block, EncodedColumn
from citylake.pipelines.commit.delta_transaction import TableChange, commit_once
from citylake.pipelines.commit.table_files import read_footers
from citylake.pipelines.commit.table_schema import open_or_create_table
from citylake.pipelines.conform.rows.evaluate_block import EvaluatedBlock
from citylake.pipelines.conform.rows.standard_writer import StageTarget, StandardWriter
from citylake.pipelines.conform.rows.typed_column import TypedColumn
from citylake.pipelines.lake.lake_zones import Lake

Rows = dict[str, list[object]]
ROWS: Rows = {"device": ["D1", "D2"], "flow": [3, 5], "remark": ["数", "ok"]}
WITH_NULLS: Rows = {"device": ["D3", None], "flow": [None, 8], "remark": [None, None]}
REQUIRED = {"device", "flow", "_batch", "_receipt", "_row", "_source"}


@pytest.fixture
def writer(tmp_path: Path) -> StandardWriter:
    """A writer that writes every block at once."""
    lake = Lake(str(tmp_path / "lake"))
    columns, required = ("device", "flow", "remark"), frozenset({"device", "flow"})
    to = StageTarget(lake, lake.standard("detector.readings"), "b1", "b1", columns, None, required=required)
    return StandardWriter(to, "0-", 0, str(tmp_path / "keys"))


def block(rows: Rows, first: int) -> EvaluatedBlock:
    """A block with these values."""
    count = len(rows["device"])
    named = {name: EncodedColumn.constant(name, count) for name in ("_receipt", "_source", "_part")}
    numbers = np.arange(first, first + count, dtype=np.int64)
    kinds = {"device": pa.string(), "flow": pa.int64(), "remark": pa.string()}
    every = np.arange(count, dtype=np.int32)
    typed = {name: TypedColumn(pa.array(values, kinds[name]), every) for name, values in rows.items()}
    return EvaluatedBlock(Block(named, count, lambda: numbers, row=numbers), typed, np.zeros(count, np.bool_))


def written(writer: StandardWriter, *blocks: Rows) -> list[str]:
    """The files that the blocks are written to."""
    for number, rows in enumerate(blocks):
        writer.add(block(rows, 2 * number), np.arange(2))
    return writer.close()


def required_in(path: str) -> set[str]:
    return {entry.name for entry in pq.read_schema(path) if not entry.nullable}


def test_columns_that_refuse_a_row_without_a_text_are_required(writer: StandardWriter) -> None:
    (path,) = written(writer, ROWS, ROWS)
    assert required_in(path) == REQUIRED
    assert pq.read_metadata(path).num_row_groups == 2


def test_a_null_in_a_required_column_begins_a_file_where_it_is_optional(writer: StandardWriter) -> None:
    paths = written(writer, ROWS, WITH_NULLS)
    assert [required_in(path) for path in paths] == [REQUIRED, REQUIRED - {"device", "flow"}]


def test_readers_read_required_and_optional_files_of_one_table(writer: StandardWriter) -> None:
    lake, root = writer.to.lake, writer.to.folder
    files = read_footers(lake, root, written(writer, ROWS, WITH_NULLS))
    # The table is created from the file with required columns.
    schema = files[0].schema
    assert schema is not None
    commit_once(lake, "b1", lambda: open_or_create_table(lake, root, schema), lambda _: TableChange(adds=files))
    expected = [("D1", 3, "数"), ("D2", 5, "ok"), ("D3", None, None), (None, 8, None)]
    assert pl.scan_delta(root).sort("_row").select(*ROWS).collect().rows() == expected
    assert pl.scan_parquet(f"{root}/*.parquet").sort("_row").select(*ROWS).collect().rows() == expected
    columns = ", ".join(ROWS)
    query = f"SELECT {columns} FROM '{root}/*.parquet' ORDER BY _row"
    assert duckdb.connect().sql(query).fetchall() == expected
    delta = QueryBuilder().register("readings", DeltaTable(root))
    found = pl.DataFrame(delta.execute(f"SELECT {columns} FROM readings ORDER BY _row"))
    assert found.rows() == expected
    assert DeltaTable(root).to_pyarrow_table().num_rows == 4
