"""What lint believes of a standard table's columns is what a lake stores."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from citylake.pipelines.conform.bind.typed_values import POLARS_TYPES
from citylake.pipelines.marts.make.duckdb_types import ELEMENT_DUCKDB_TYPES, duckdb_type


@pytest.mark.parametrize("kind", sorted(ELEMENT_DUCKDB_TYPES))
def test_a_column_is_bound_in_the_type_in_which_it_is_stored(tmp_path: Path, kind: str) -> None:
    pl.DataFrame(schema={"x": POLARS_TYPES[kind]}).write_delta(tmp_path)
    (column,) = DeltaTable(tmp_path).schema().fields
    assert duckdb_type(column.type) == ELEMENT_DUCKDB_TYPES[kind]
