"""The entry point of this package: validates a standard table with Great Expectations and writes its Data Docs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from citylake.quality.expectations.suite_result import SuiteResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def run_expectations(
    contract: Contract,
    registry: Registry,
    files: Sequence[str],
    out_dir: Path,
    connection: DuckDBPyConnection,
    database: str,
) -> SuiteResult:
    """Run the contract's suite over ``files``, the active Parquet files of its standard table.

    Writes a static site that needs no network to ``out_dir`` and replaces the pages of an earlier call. Raises
    EXPECTATIONS_NO_DATA if ``files`` is empty, EXPECTATIONS_NOT_INSTALLED if the extra ``quality`` is not installed.
    """
    if not files:
        raise CitylakeError("EXPECTATIONS_NO_DATA", dataset=contract.dataset)
    try:
        from citylake.quality.expectations.data_docs import build_data_docs
    except ModuleNotFoundError as error:
        raise CitylakeError("EXPECTATIONS_NOT_INSTALLED", module=error.name) from error
    return build_data_docs(contract, registry, files, out_dir, connection, database)
