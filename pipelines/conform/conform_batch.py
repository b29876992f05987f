"""Conform: source rows through bindings and rules, to files that wait for the audit."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import ParquetBlocks
from citylake.pipelines.conform.bind.binding_fit import sample_block
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.conform_plan import ConformVocabulary, partition_column_name, standard_column_names
from citylake.pipelines.conform.bind.repeated_times import repeated_time_rules
from citylake.pipelines.conform.bind.reshape_rows import reshape_frame, unlisted_pivot_values
from citylake.pipelines.conform.drift.category_collector import category_columns
from citylake.pipelines.conform.drift.drift_actions import accepted_categories
from citylake.pipelines.conform.drift.source_schema import check_source_schema
from citylake.pipelines.conform.rows.block_pass import BlockPass, BlockSource, PassResult, read_first_block
from citylake.pipelines.conform.rows.bloom_filter import BloomFilter
from citylake.pipelines.conform.rows.evaluate_block import BlockEvaluator
from citylake.pipelines.conform.rows.key_duplicates import receipt_key
from citylake.pipelines.conform.rows.quarantine_writer import QuarantineWriter
from citylake.pipelines.conform.rows.standard_writer import StageTarget
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.csv_blocks import CsvBlocks
from citylake.pipelines.parse.plain_csv import PlainCsvFile
from citylake.pipelines.parse.raw_store import RawStore
from citylake.pipelines.records import ConformedBatch, ParsedReceipt, RowCounts, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError, Problem

BatchItem = ParsedReceipt | PlainCsvFile
"""A receipt in the raw zone, or one whose bytes are read for the first time."""


def conform_batch(
    items: Sequence[BatchItem],
    contract: Contract,
    registry: Registry,
    lake: Lake,
    run: Run,
    after: str = "",
    budget: Budget | None = None,
    raw: RawStore | None = None,
    had: Mapping[str, Collection[str]] | None = None,
) -> ConformedBatch:
    """Stage one batch: receipts of the same source columns, in the order given; ``after`` as for :func:`batch_id`.

    ``raw`` keeps the rows of those that are not in the raw zone yet; ``had``: the categories that the dataset had
    before, by column. Raises CitylakeError where the batch must be held as a whole (its fields drifted, a code table is
    not there, a rule cannot be read), and NotPlainError.
    """
    print_of, budget = contract_fingerprint(contract, registry), budget or Budget()
    batch = batch_id(items, contract, print_of, after)
    with tempfile.TemporaryDirectory(prefix="citylake-") as scratch:
        sources, fields, notes = _block_sources(items, contract, registry, lake, scratch, budget)
        codes = CodeMatcher(registry, lake)
        shape = check_source_schema(contract, registry, codes, fields, lambda: sample_block(read_first_block(sources)))
        bounds, drifted = shape.bounds, replace(shape.drifted, known=accepted_categories(contract, had or {}))
        stem = f"{batch}-{run.id.rpartition('-')[2]}"
        columns, categories = tuple(standard_column_names(bounds)), category_columns(bounds)
        to = StageTarget(
            lake, lake.standard(contract.dataset), batch, stem, columns, partition_column_name(contract), categories
        )
        words = ConformVocabulary(registry, codes, {bound.column: bound for bound in bounds}, drifted)
        refusal = QuarantineWriter(contract, bounds, words, to, run)
        key = receipt_key(contract)
        seen = BloomFilter(_estimate_rows(items), budget.key_bytes) if key else None
        judges = [BlockEvaluator(contract, bounds, words, key, budget.spent) for _ in range(budget.workers)]
        parts = BlockPass(sources, judges, refusal, to, scratch, budget, raw, seen).run()
    duplicates = _write_duplicates(parts, to, contract)
    counts = _count_batch_rows(parts, duplicates, lake)
    if not counts.conserved:
        raise _not_conserved_error(contract.dataset, batch, counts)
    return ConformedBatch(
        batch=batch,
        run=run.id,
        dataset=contract.dataset,
        receipts=tuple(item.receipt.id for item in items),
        standard=parts.standard,
        quarantine=parts.quarantine,
        duplicates=duplicates,
        counts=counts,
        issues=_count_issues(parts, lake, warns=_has_warning_rules(contract, shape.bounds)),
        days=parts.days,
        fingerprint=print_of,
        notes=(*notes, *shape.notes),
        categories=parts.categories,
    )


def batch_id(items: Sequence[BatchItem], contract: Contract, declarations: str, after: str = "") -> str:
    """The same bytes under the same declarations are the same batch, unless others came in between: ``after`` them."""
    seen = sorted(f"{item.receipt.name}\0{item.receipt.sha256}" for item in items)
    parts = [contract.dataset, declarations, *seen, *([after] if after else [])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _block_sources(
    items: Sequence[BatchItem], contract: Contract, registry: Registry, lake: Lake, scratch: str, budget: Budget
) -> tuple[list[BlockSource], Sequence[str], list[Problem]]:
    """The items as blocks in their order, their source fields, and what a pivot left aside."""
    if contract.reshape:
        return _reshaped_sources(items, contract, registry, lake, scratch, budget)
    fields = items[0].columns
    sources: list[BlockSource] = []
    for direct, some in groupby(items, lambda item: isinstance(item, PlainCsvFile)):
        if direct:
            sources.append(
                CsvBlocks([item for item in some if isinstance(item, PlainCsvFile)], budget.block_bytes, budget.spent)
            )
        else:
            paths = [path for item in some if isinstance(item, ParsedReceipt) for path in item.files]
            sources.append(ParquetBlocks(paths, fields, lake, budget.block_rows, budget.spent))
    return sources, fields, []


def _reshaped_sources(
    items: Sequence[BatchItem], contract: Contract, registry: Registry, lake: Lake, scratch: str, budget: Budget
) -> tuple[list[BlockSource], Sequence[str], list[Problem]]:
    files = [path for item in items if isinstance(item, ParsedReceipt) for path in item.files]
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
    return [ParquetBlocks([path], fields, Lake(scratch), budget.block_rows, budget.spent)], fields, notes


def _estimate_rows(items: Sequence[BatchItem]) -> int:
    """How many rows there are, or nearly."""
    return sum(item.rows if isinstance(item, ParsedReceipt) else item.about_rows() for item in items)


def _write_duplicates(parts: PassResult, to: StageTarget, contract: Contract) -> tuple[str, ...]:
    """The file that names each exact duplicate and the row that survives it."""
    if parts.duplicates.is_empty():
        return ()
    rows = parts.duplicates.lazy().select(
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


def _count_batch_rows(parts: PassResult, duplicates: Sequence[str], lake: Lake) -> RowCounts:
    """Each side from the footers of its own files, so that the conservation law is a test and not a definition."""
    standard, refused_rows, dropped = (
        sum(parquet_row_count(path, lake) for path in files) for files in (parts.standard, parts.quarantine, duplicates)
    )
    return RowCounts(parts.rows, standard, refused_rows, dropped)


def parquet_row_count(path: str, lake: Lake) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pl.scan_parquet(path, storage_options=lake.storage_options).select(pl.len()).collect().item())


def _not_conserved_error(dataset: str, batch: str, counts: RowCounts) -> CitylakeError:
    total = counts.standard + counts.quarantined + counts.duplicates
    return CitylakeError("ROWS_NOT_CONSERVED", dataset=dataset, batch=batch, total=total, **asdict(counts))


def _has_warning_rules(contract: Contract, bounds: Sequence[BoundColumn]) -> bool:
    """Whether rows may have warnings at all."""
    return any(rule.severity != "error" for rule in contract.rules) or bool(repeated_time_rules(bounds))


def _count_issues(parts: PassResult, lake: Lake, *, warns: bool) -> dict[str, int]:
    options = lake.storage_options
    found: dict[str, int] = {}
    if parts.quarantine:
        found |= _count_codes(pl.scan_parquet(list(parts.quarantine), storage_options=options).select("codes"), "codes")
    if parts.standard and warns:
        warned = pl.scan_parquet(list(parts.standard), storage_options=options, hive_partitioning=False)
        listed = warned.select(pl.col("_warnings").drop_nulls().str.split(","))
        found |= _count_codes(listed, "_warnings")
    return found


def _count_codes(frame: pl.LazyFrame, column: str) -> Mapping[str, int]:
    """Rows by issue code, from a column of code lists."""
    counted = frame.select(pl.col(column).explode(empty_as_null=True)).drop_nulls().group_by(column).len()
    return dict(counted.collect(engine="streaming").iter_rows())
