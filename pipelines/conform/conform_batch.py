"""Conform: source rows through bindings and rules, to staged files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import chain

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import ParquetBlocks
from citylake.pipelines.blocks.source_rows import BlockPart, SourceRows, load_block, pack_blocks
from citylake.pipelines.conform.batch_identity import batch_id
from citylake.pipelines.conform.bind.binding_fit import sample_block
from citylake.pipelines.conform.bind.binding_rules import row_zone_rules
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.conform_plan import ConformVocabulary, partition_column_name, standard_column_names
from citylake.pipelines.conform.bind.number_evidence import (
    NumberStyleUndecidedError,
    decide_number_styles,
    proven_style_notices,
)
from citylake.pipelines.conform.bind.repeated_times import repeated_time_rules
from citylake.pipelines.conform.bind.reshape_rows import reshape_frame, unlisted_pivot_values
from citylake.pipelines.conform.drift.category_collector import category_columns
from citylake.pipelines.conform.drift.drift_actions import accepted_categories
from citylake.pipelines.conform.drift.source_schema import check_source_schema
from citylake.pipelines.conform.rows.block_pass import BlockPass, PassResult
from citylake.pipelines.conform.rows.bloom_filter import BloomFilter
from citylake.pipelines.conform.rows.evaluate_block import BlockEvaluator
from citylake.pipelines.conform.rows.key_duplicates import receipt_key
from citylake.pipelines.conform.rows.quarantine_writer import QuarantineWriter
from citylake.pipelines.conform.rows.standard_writer import StageTarget
from citylake.pipelines.conform.text_notices import text_notices
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch, RowCounts, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError, Problem

AllParts = Callable[[], Iterator[BlockPart]]
"""All rows of a batch in order, from the start at every call."""


def conform_batch(
    sources: Sequence[SourceRows],
    contract: Contract,
    registry: Registry,
    lake: Lake,
    run: Run,
    after: str = "",
    budget: Budget | None = None,
    had: Mapping[str, Collection[str]] | None = None,
) -> ConformedBatch:
    """Stage one batch: receipts with the same source columns, in the given order; ``after`` as for :func:`batch_id`.

    ``had``: the categories that the dataset had before, by column. Raises CitylakeError if the batch must be held as a
    whole (its fields drifted, a code table does not exist, a rule cannot be read), and SourceRestartedError.
    """
    print_of, budget = contract_fingerprint(contract, registry), budget or Budget()
    batch = batch_id([source.receipt for source in sources], contract, print_of, after)
    with tempfile.TemporaryDirectory(prefix="citylake-") as scratch:
        parts, fields, notes = _batch_parts(sources, contract, registry, lake, scratch, budget)
        codes = CodeMatcher(registry, lake)
        shape = check_source_schema(contract, registry, codes, fields, lambda: sample_block(_first_block(parts)))
        bounds: Sequence[BoundColumn] = [replace(bound, run_at=run.started_at) for bound in shape.bounds]
        drifted = replace(shape.drifted, known=accepted_categories(contract, had or {}))
        stem = f"{batch}-{run.id.rpartition('-')[2]}"
        columns, categories = tuple(standard_column_names(bounds)), category_columns(bounds)
        to = StageTarget(
            lake, lake.standard(contract.dataset), batch, stem, columns, partition_column_name(contract), categories
        )
        key = receipt_key(contract)

        def run_pass(bounds: Sequence[BoundColumn]) -> PassResult:
            words = ConformVocabulary(registry, codes, {bound.column: bound for bound in bounds}, drifted)
            refusal = QuarantineWriter(contract, bounds, words, to, run)
            seen = BloomFilter(sum(source.estimate_rows() for source in sources), budget.key_bytes) if key else None
            evaluators = [BlockEvaluator(contract, bounds, words, key, budget.spent) for _ in range(budget.workers)]
            return BlockPass(parts(), evaluators, refusal, to, scratch, budget, seen).run()

        try:
            done = run_pass(bounds)
        except NumberStyleUndecidedError:
            bounds, proven = _decide_styles(parts, sources, contract, bounds)
            notes = [*notes, *proven]
            done = run_pass(bounds)
    duplicates = _write_duplicates(done, to, contract)
    counts = _count_batch_rows(done, duplicates, lake)
    if not counts.conserved:
        raise _not_conserved_error(contract.dataset, batch, counts)
    return ConformedBatch(
        batch=batch,
        run=run.id,
        dataset=contract.dataset,
        receipts=tuple(source.receipt.id for source in sources),
        standard=done.standard,
        quarantine=done.quarantine,
        duplicates=duplicates,
        counts=counts,
        issues=_count_issues(done, lake, warns=_has_warning_rules(contract, shape.bounds)),
        days=done.days,
        fingerprint=print_of,
        notes=(*notes, *shape.notes, *text_notices(done, shape.bounds, contract.dataset, lake)),
        categories=done.categories,
    )


def _decide_styles(
    parts: AllParts, sources: Sequence[SourceRows], contract: Contract, bounds: Sequence[BoundColumn]
) -> tuple[list[BoundColumn], list[Problem]]:
    """The columns with the number styles that all rows of the batch prove, and notices about them."""
    columns = (load_block(some).columns for some in pack_blocks(parts()))
    texts = ({name: column.values for name, column in each.items()} for each in columns)
    decided, evidence = decide_number_styles(texts, bounds)
    if not contract.reshape:
        for source in sources:
            source.restart()
    return decided, proven_style_notices(contract.dataset, decided, evidence)


def _batch_parts(
    sources: Sequence[SourceRows], contract: Contract, registry: Registry, lake: Lake, scratch: str, budget: Budget
) -> tuple[AllParts, Sequence[str], list[Problem]]:
    """The rows of the batch, their source fields, and the values that a pivot does not list."""
    if contract.reshape:
        return _reshaped_parts(sources, contract, registry, lake, scratch, budget)
    return lambda: chain.from_iterable(source.blocks() for source in sources), sources[0].columns, []


def _first_block(parts: AllParts) -> Block | None:
    return next((load_block(some) for some in pack_blocks(parts())), None)


def _reshaped_parts(
    sources: Sequence[SourceRows], contract: Contract, registry: Registry, lake: Lake, scratch: str, budget: Budget
) -> tuple[AllParts, Sequence[str], list[Problem]]:
    files = [path for source in sources for path in source.store().files]
    frame = pl.scan_parquet(files, storage_options=lake.storage_options)
    frame = frame.rename(
        {name: RAW_PREFIX + name for name in frame.collect_schema().names() if name not in PROVENANCE_COLUMNS}
    )
    path = f"{scratch}/reshaped.parquet"
    long = reshape_frame(frame, contract, registry)
    fields = [name.removeprefix(RAW_PREFIX) for name in long.collect_schema().names() if name.startswith(RAW_PREFIX)]
    long.rename({RAW_PREFIX + name: name for name in fields}).sink_parquet(path)
    left = unlisted_pivot_values(frame, contract)
    names = ", ".join(f"{name} ({number})" for name, number in left.items())
    notes = [Problem("PIVOT_VALUE_UNLISTED", {"dataset": contract.dataset, "values": names})] if left else []
    return ParquetBlocks([path], fields, Lake(scratch), budget.block_rows, budget.spent).parts, fields, notes


def _write_duplicates(done: PassResult, to: StageTarget, contract: Contract) -> tuple[str, ...]:
    """The file that names each exact duplicate and the row that survives it."""
    if done.duplicates.is_empty():
        return ()
    rows = done.duplicates.lazy().select(
        pl.lit(to.batch).alias("_batch"),
        pl.lit(contract.dataset).alias("dataset"),
        *("_receipt", "_row", "survivor_receipt", "survivor_row"),
        pl.lit("exact").alias("kind"),
    )
    folder = to.lake.ledger("duplicates")
    path = f"{folder}/{to.stem}-0.parquet"
    to.lake.makedirs(folder)
    rows.sink_parquet(path, storage_options=to.lake.storage_options)
    return (path,)


def _count_batch_rows(done: PassResult, duplicates: Sequence[str], lake: Lake) -> RowCounts:
    """Each count comes from the footers of its own files, so that the conservation law is a real check."""
    standard, refused_rows, dropped = (
        sum(parquet_row_count(path, lake) for path in files) for files in (done.standard, done.quarantine, duplicates)
    )
    return RowCounts(done.rows, standard, refused_rows, dropped)


def parquet_row_count(path: str, lake: Lake) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pl.scan_parquet(path, storage_options=lake.storage_options).select(pl.len()).collect().item())


def _not_conserved_error(dataset: str, batch: str, counts: RowCounts) -> CitylakeError:
    total = counts.standard + counts.quarantined + counts.duplicates
    return CitylakeError("ROWS_NOT_CONSERVED", dataset=dataset, batch=batch, total=total, **asdict(counts))


def _has_warning_rules(contract: Contract, bounds: Sequence[BoundColumn]) -> bool:
    """Whether any rule produces warnings."""
    return any(rule.severity != "error" for rule in contract.rules) or bool(
        repeated_time_rules(bounds) or row_zone_rules(bounds)
    )


def _count_issues(done: PassResult, lake: Lake, *, warns: bool) -> dict[str, int]:
    options = lake.storage_options
    found: dict[str, int] = {}
    if done.quarantine:
        found |= _count_codes(pl.scan_parquet(list(done.quarantine), storage_options=options).select("codes"), "codes")
    if done.standard and warns:
        warned = pl.scan_parquet(list(done.standard), storage_options=options, hive_partitioning=False)
        listed = warned.select(pl.col("_warnings").drop_nulls().str.split(","))
        found |= _count_codes(listed, "_warnings")
    return found


def _count_codes(frame: pl.LazyFrame, column: str) -> Mapping[str, int]:
    """Rows by issue code, from a column of code lists."""
    counted = frame.select(pl.col(column).explode(empty_as_null=True)).drop_nulls().group_by(column).len()
    return dict(counted.collect(engine="streaming").iter_rows())
