"""Conform: source rows through bindings and rules, to staged files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace

import polars as pl

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.source_rows import SourceRows, load_block, pack_blocks
from citylake.pipelines.conform.batch_identity import JointBatch, batch_id
from citylake.pipelines.conform.batch_rows import BatchRows, open_batch_rows
from citylake.pipelines.conform.bind.binding_rules import row_zone_rules
from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.conform_plan import (
    ConformVocabulary,
    partition_column_name,
    required_columns,
    standard_column_names,
)
from citylake.pipelines.conform.bind.former_names import contract_of_time
from citylake.pipelines.conform.bind.number_evidence import (
    NumberStyleUndecidedError,
    decide_number_styles,
    proven_style_notices,
)
from citylake.pipelines.conform.bind.protected_values import value_protection
from citylake.pipelines.conform.bind.refused_values import refusable_columns
from citylake.pipelines.conform.bind.repeated_times import repeated_time_rules
from citylake.pipelines.conform.bind.row_filters import none_kept
from citylake.pipelines.conform.decisions.batch_decisions import BatchDecisions
from citylake.pipelines.conform.drift.category_collector import category_columns
from citylake.pipelines.conform.drift.drift_actions import accepted_categories
from citylake.pipelines.conform.drift.rename_advice import RenameAdvice
from citylake.pipelines.conform.drift.source_schema import check_source_schema
from citylake.pipelines.conform.rows.block_pass import BlockPass, PassResult
from citylake.pipelines.conform.rows.bloom_filter import BloomFilter
from citylake.pipelines.conform.rows.evaluate_block import BlockEvaluator
from citylake.pipelines.conform.rows.key_duplicates import receipt_key
from citylake.pipelines.conform.rows.quarantine_writer import QuarantineWriter
from citylake.pipelines.conform.rows.refused_rows import write_refused_records
from citylake.pipelines.conform.rows.standard_writer import StageTarget
from citylake.pipelines.conform.text_notices import text_notices
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.row_decisions import RowDecisions
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.records import ConformedBatch, RowCounts, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import REFUSED_COLUMN
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError, Problem


def conform_batch(
    sources: Sequence[SourceRows],
    contract: Contract,
    registry: Registry,
    lake: Lake,
    run: Run,
    after: str = "",
    budget: Budget | None = None,
    had: Mapping[str, Collection[str]] | None = None,
    joint: JointBatch | None = None,
    decisions: RowDecisions | None = None,
    forgotten: frozenset[str] = frozenset(),
) -> ConformedBatch:
    """Stage one batch: receipts with the same source columns, in the given order; ``after`` as for :func:`batch_id`.

    ``had``: the categories that the dataset had before, by column; ``joint``: the batch that this is a part of;
    ``decisions``: corrections, releases and discards in force for the receipts; ``forgotten``: digests of the tokens
    whose rows are dropped, and counted as filtered. Raises
    CitylakeError if the batch must be held as a whole (its fields drifted, a code table does not exist, a rule cannot
    be read), and SourceRestartedError.
    """
    declared = contract
    print_of, budget = contract_fingerprint(contract, registry), budget or Budget()
    receipts = [source.receipt for source in sources]
    batch = joint.id if joint else batch_id(receipts, contract, print_of, after, decisions)
    contract = contract_of_time(declared, sources, registry)
    decided = None if decisions is None else BatchDecisions(decisions, contract)
    with scratch_folder() as scratch:
        rows = open_batch_rows(sources, contract, registry, lake, scratch, budget, decided)
        codes = CodeMatcher(registry, lake)
        advice = RenameAdvice(declared, receipts, registry)
        shape = check_source_schema(contract, registry, codes, rows.fields, rows.sample, advice)
        bounds: Sequence[BoundColumn] = [replace(bound, run_at=run.started_at) for bound in shape.bounds]
        drifted = replace(shape.drifted, known=accepted_categories(contract, had or {}))
        stem = f"{batch}-{run.id.rpartition('-')[2]}{f'-{joint.part}' if joint else ''}"
        columns, categories = tuple(standard_column_names(bounds)), category_columns(bounds)
        to = StageTarget(
            lake,
            lake.standard(contract.dataset),
            batch,
            stem,
            columns,
            partition_column_name(contract),
            categories,
            bool(refusable_columns(contract, bounds)),
            frozenset(required_columns(contract, bounds)),
        )
        key, protection = receipt_key(contract), value_protection(bounds, registry)

        def run_pass(bounds: Sequence[BoundColumn]) -> PassResult:
            words = ConformVocabulary(
                registry, codes, {bound.column: bound for bound in bounds}, drifted, protection, forgotten
            )
            refusal = QuarantineWriter(contract, bounds, words, to, run)
            seen = BloomFilter(sum(source.estimate_rows() for source in sources), budget.key_bytes) if key else None
            evaluators = [BlockEvaluator(contract, bounds, words, key, budget.spent) for _ in range(budget.workers)]
            return BlockPass(rows.parts(), evaluators, refusal, to, scratch, budget, seen).run()

        proven: list[Problem] = []
        try:
            done = run_pass(bounds)
        except NumberStyleUndecidedError:
            bounds, proven = _decide_styles(rows, contract, bounds)
            done = run_pass(bounds)
        filtered, found = done.filtered + rows.filtered, done.rows + rows.filtered
        none = (
            none_kept(contract, found, rows.raw_sample()) if found and filtered == found and not done.forgotten else []
        )
        gone = [Problem("ROWS_FORGOTTEN", {"dataset": contract.dataset, "count": done.forgotten})]
        notes = [*rows.notes, *none, *proven, *(gone if done.forgotten else ())]
    done = _add_refused_records(done, sources, contract.dataset, to, run, decided)
    duplicates = _write_duplicates(done, to, contract)
    values = _count_refused_values(done, lake) if to.refuses_values else 0
    counts = _count_batch_rows(done, duplicates, lake)
    counts = replace(counts, rows_in=done.rows + rows.filtered, filtered=filtered, values_refused=values)
    if not counts.conserved:
        raise _not_conserved_error(contract.dataset, batch, counts)
    return ConformedBatch(
        batch=batch,
        run=run.id,
        dataset=contract.dataset,
        receipts=tuple(source.receipt.id for source in sources),
        standard=done.standard,
        quarantine=(*done.quarantine, *done.refused_values),
        duplicates=duplicates,
        counts=counts,
        issues=_count_issues(done, lake, warns=decided is not None or _has_warning_rules(contract, shape.bounds)),
        days=done.days,
        fingerprint=print_of,
        notes=(
            *notes,
            *shape.notes,
            *text_notices(done, shape.bounds, contract.dataset, lake),
            *(decided.notices() if decided else ()),
        ),
        applied=decided.counts() if decided else {},
        categories=done.categories,
    )


def _decide_styles(
    rows: BatchRows, contract: Contract, bounds: Sequence[BoundColumn]
) -> tuple[list[BoundColumn], list[Problem]]:
    """The columns with the number styles that all rows of the batch prove, and notices about them."""
    columns = (load_block(some).columns for some in pack_blocks(rows.parts()))
    texts = ({name: column.values for name, column in each.items()} for each in columns)
    decided, evidence = decide_number_styles(texts, bounds)
    return decided, proven_style_notices(contract.dataset, decided, evidence)


def _add_refused_records(
    done: PassResult,
    sources: Sequence[SourceRows],
    dataset: str,
    to: StageTarget,
    run: Run,
    decided: BatchDecisions | None,
) -> PassResult:
    """The records that the readers refused are rows of the batch, too."""
    refused = [source.refused for source in sources]
    discarded = None if decided is None else decided.discarded
    written = write_refused_records([path for each in refused for path in each.files], dataset, to, run, discarded)
    if decided is not None:
        decided.count_refused(written, to.lake)
    return replace(done, quarantine=(*done.quarantine, *written), rows=done.rows + sum(each.rows for each in refused))


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
    return RowCounts(0, standard, refused_rows, dropped)


def _count_refused_values(done: PassResult, lake: Lake) -> int:
    """The number of values in the quarantine's files; raises VALUES_NOT_RECORDED if standard rows lack others."""
    found = _sum_lengths(done.refused_values, pl.col("refused"), lake)
    expected = _sum_lengths(done.standard, pl.col(REFUSED_COLUMN).str.split(","), lake)
    if found != expected:
        raise CitylakeError("VALUES_NOT_RECORDED", recorded=found, refused=expected)
    return found


def _sum_lengths(files: Sequence[str], lists: pl.Expr, lake: Lake) -> int:
    if not files:
        return 0
    options = lake.storage_options
    rows = pl.scan_parquet(list(files), storage_options=options, hive_partitioning=False, glob=False)
    return int(rows.select(lists.list.len().sum()).collect(engine="streaming").item())


def parquet_row_count(path: str, lake: Lake) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pl.scan_parquet(path, storage_options=lake.storage_options).select(pl.len()).collect().item())


def _not_conserved_error(dataset: str, batch: str, counts: RowCounts) -> CitylakeError:
    total = counts.standard + counts.quarantined + counts.duplicates + counts.filtered
    return CitylakeError("ROWS_NOT_CONSERVED", dataset=dataset, batch=batch, total=total, **asdict(counts))


def _has_warning_rules(contract: Contract, bounds: Sequence[BoundColumn]) -> bool:
    """Whether any rule produces warnings."""
    return any(rule.severity != "error" for rule in contract.rules) or bool(
        repeated_time_rules(bounds) or row_zone_rules(bounds)
    )


def _count_issues(done: PassResult, lake: Lake, *, warns: bool) -> dict[str, int]:
    options = lake.storage_options
    found: dict[str, int] = {}
    if refused := [*done.quarantine, *done.refused_values]:
        found |= _count_codes(pl.scan_parquet(refused, storage_options=options).select("codes"), "codes")
    if done.standard and warns:
        warned = pl.scan_parquet(list(done.standard), storage_options=options, hive_partitioning=False)
        listed = warned.select(pl.col("_warnings").drop_nulls().str.split(","))
        found |= _count_codes(listed, "_warnings")
    return found


def _count_codes(frame: pl.LazyFrame, column: str) -> Mapping[str, int]:
    """Rows by issue code, from a column of code lists."""
    counted = frame.select(pl.col(column).explode(empty_as_null=True)).drop_nulls().group_by(column).len()
    return dict(counted.collect(engine="streaming").iter_rows())
