"""The one way in: judge a standard table with Great Expectations and write its Data Docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from quality.expectations.validation import Validation
from schemas.contract import Contract
from schemas.faults import CitylakeError
from schemas.registry import Registry


def expectations(
    contract: Contract,
    registry: Registry,
    files: Sequence[str],
    out_dir: Path,
    *,
    storage_options: Mapping[str, str] | None = None,
) -> Validation:
    """Run the contract's suite over ``files``, the active Parquet files of its standard table.

    ``out_dir`` receives a static site that needs no network; what stood there from an earlier call is replaced.
    Raises EXPECTATIONS_NOT_INSTALLED without the extra ``quality``, EXPECTATIONS_NO_DATA where there are no files.
    """
    if not files:
        raise CitylakeError("EXPECTATIONS_NO_DATA", dataset=contract.dataset)
    try:
        from quality.expectations.validate import build_docs
    except ModuleNotFoundError as error:
        raise CitylakeError("EXPECTATIONS_NOT_INSTALLED", module=error.name) from error
    return build_docs(contract, registry, files, out_dir, storage_options=storage_options)
