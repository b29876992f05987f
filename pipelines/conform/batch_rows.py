"""The rows of a batch before they are bound: as they came, or reshaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import ParquetBlocks
from citylake.pipelines.blocks.source_rows import BlockPart, SourceRows, load_block, pack_blocks
from citylake.pipelines.conform.bind.binding_fit import SAMPLE_ROWS, sample_block
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.pipelines.conform.bind.reshape_rows import require_fields, reshape_frame, unlisted_pivot_values
from citylake.pipelines.conform.bind.row_filters import kept_expr
from citylake.pipelines.conform.decisions.batch_decisions import BatchDecisions
from citylake.pipelines.conform.decisions.decided_rows import DECISION
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import Problem


@dataclass(frozen=True, slots=True)
class BatchRows:
    """``parts`` returns all rows in order, from the start at every call; ``fields`` are their source fields."""

    parts: Callable[[], Iterator[BlockPart]]
    fields: Sequence[str]
    raw_sample: Callable[[], pl.DataFrame]
    """Some rows as they came, as text."""
    notes: Sequence[Problem] = ()
    """The values that a pivot does not list."""
    filtered: int = 0
    """Rows that are not the dataset's, and were left out before the others were reshaped."""

    def sample(self) -> pl.DataFrame:
        """Some rows, as text."""
        return _sample_parts(self.parts())


def open_batch_rows(
    sources: Sequence[SourceRows],
    contract: Contract,
    registry: Registry,
    lake: Lake,
    scratch: str,
    budget: Budget,
    decided: BatchDecisions | None = None,
) -> BatchRows:
    """The rows of ``sources``, reshaped by the contract. Raises MISSING_COLUMN if a field of a filter is missing."""
    if decided is not None:
        sources = decided.wrap(sources, lake, budget, scratch)
    require_fields(sources[0].columns, contract.where, contract, registry)
    if contract.reshape:
        return _reshape_rows(sources, contract, registry, lake, scratch, budget, decided)

    def parts() -> Iterator[BlockPart]:
        return chain.from_iterable(source.blocks() for source in sources)

    return BatchRows(parts, sources[0].columns, lambda: _sample_parts(parts()))


def _sample_parts(parts: Iterator[BlockPart]) -> pl.DataFrame:
    return sample_block(next((load_block(some) for some in pack_blocks(parts)), None))


def _reshape_rows(
    sources: Sequence[SourceRows],
    contract: Contract,
    registry: Registry,
    lake: Lake,
    scratch: str,
    budget: Budget,
    decided: BatchDecisions | None,
) -> BatchRows:
    frame = _scan_texts(sources, lake, Path(scratch))
    frame = frame.rename(
        {name: RAW_PREFIX + name for name in frame.collect_schema().names() if name not in PROVENANCE_COLUMNS}
    )
    kept, filtered, whole = kept_expr(contract), 0, frame
    if kept is not None:
        filtered = int(frame.select((~kept).sum()).collect(engine="streaming").item())
        frame = frame.filter(kept)
    path = f"{scratch}/reshaped.parquet"
    long = reshape_frame(frame, contract, registry)
    fields = [name.removeprefix(RAW_PREFIX) for name in long.collect_schema().names() if name.startswith(RAW_PREFIX)]
    marked = long if decided is None else decided.mark_reshaped(long)
    marked.rename({RAW_PREFIX + name: name for name in fields}).sink_parquet(path)
    names = fields if decided is None else [*fields, DECISION]
    blocks = ParquetBlocks([path], names, Lake(scratch), budget.block_rows, budget.spent)
    parts = blocks.parts if decided is None else partial(decided.reshaped_parts, blocks)
    return BatchRows(
        parts, fields, lambda: whole.head(SAMPLE_ROWS).collect(), _unlisted_notes(frame, contract), filtered
    )


def _scan_texts(sources: Sequence[SourceRows], lake: Lake, scratch: Path) -> pl.LazyFrame:
    """All rows, in order. Files of an object store and of the local disk are scanned apart."""
    files = [path for number, source in enumerate(sources) for path in source.text_files(scratch / f"text-{number}")]
    apart = [list(some) for _, some in groupby(files, key=lambda path: "://" in path)]
    frames = [pl.scan_parquet(some, storage_options=lake.storage_options, glob=False) for some in apart]
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")


def _unlisted_notes(frame: pl.LazyFrame, contract: Contract) -> list[Problem]:
    left = unlisted_pivot_values(frame, contract)
    names = ", ".join(f"{name} ({number})" for name, number in left.items())
    return [Problem("PIVOT_VALUE_UNLISTED", {"dataset": contract.dataset, "values": names})] if left else []
