"""Conform: source rows through bindings and rules, to files that wait for the audit."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import groupby

import polars as pl

from pipelines.blocks.block import PROVENANCE
from pipelines.blocks.budget import Budget
from pipelines.blocks.stored import Stored
from pipelines.conform.accepting import sample_of
from pipelines.conform.blockwise import Pass, Source, Split, first_block
from pipelines.conform.bound import RAW, Bound
from pipelines.conform.categories import category_columns
from pipelines.conform.codes import Codes
from pipelines.conform.drifted import refusing
from pipelines.conform.judge import Judge
from pipelines.conform.keys import key_of
from pipelines.conform.prepare import Words, partition_of, standard_columns
from pipelines.conform.refuse import Refusal
from pipelines.conform.repeated import repeated_times
from pipelines.conform.reshape import reshape, unlisted
from pipelines.conform.seen import Seen
from pipelines.conform.shape import shape_of
from pipelines.conform.writer import Target
from pipelines.lake import Lake
from pipelines.parse.direct import Direct
from pipelines.parse.plain import Directs
from pipelines.parse.store import RawStore
from pipelines.records import Counts, Parsed, Run, Staged
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem
from schemas.fingerprint import fingerprint
from schemas.registry import Registry

Item = Parsed | Direct
"""A receipt in the raw zone, or one whose bytes are read for the first time."""


def conform(
    items: Sequence[Item],
    contract: Contract,
    registry: Registry,
    lake: Lake,
    run: Run,
    after: str = "",
    budget: Budget | None = None,
    raw: RawStore | None = None,
    had: Mapping[str, Collection[str]] | None = None,
) -> Staged:
    """Stage one batch: receipts of the same source columns, in the order given; ``after`` as for :func:`batch_id`.

    ``raw`` keeps the rows of those that are not in the raw zone yet; ``had``: the categories that the dataset had
    before, by column. Raises CitylakeError where the batch must be held as a whole (its fields drifted, a code table is
    not there, a rule cannot be read), and NotPlainError.
    """
    print_of, budget = fingerprint(contract, registry), budget or Budget()
    batch = batch_id(items, contract, print_of, after)
    with tempfile.TemporaryDirectory(prefix="citylake-") as scratch:
        sources, fields, notes = _sources(items, contract, registry, lake, scratch, budget)
        codes = Codes(registry, lake)
        shape = shape_of(contract, registry, codes, fields, lambda: sample_of(first_block(sources)))
        bounds, drifted = shape.bounds, replace(shape.drifted, known=refusing(contract, had or {}))
        stem = f"{batch}-{run.id.rpartition('-')[2]}"
        columns, categories = tuple(standard_columns(bounds)), category_columns(bounds)
        to = Target(lake, lake.standard(contract.dataset), batch, stem, columns, partition_of(contract), categories)
        words = Words(registry, codes, {bound.column: bound for bound in bounds}, drifted)
        refusal = Refusal(contract, bounds, words, to, run)
        key = key_of(contract)
        seen = Seen(_about(items), budget.key_bytes) if key else None
        judges = [Judge(contract, bounds, words, key, budget.spent) for _ in range(budget.workers)]
        parts = Pass(sources, judges, refusal, to, scratch, budget, raw, seen).run()
    duplicates = _duplicates(parts, to, contract)
    counts = _counts(parts, duplicates, lake)
    if not counts.conserved:
        raise _not_conserved(contract.dataset, batch, counts)
    return Staged(
        batch=batch,
        run=run.id,
        dataset=contract.dataset,
        receipts=tuple(item.receipt.id for item in items),
        standard=parts.standard,
        quarantine=parts.quarantine,
        duplicates=duplicates,
        counts=counts,
        issues=_issues(parts, lake, warns=_warns(contract, shape.bounds)),
        days=parts.days,
        fingerprint=print_of,
        notes=(*notes, *shape.notes),
        categories=parts.categories,
    )


def batch_id(items: Sequence[Item], contract: Contract, declarations: str, after: str = "") -> str:
    """The same bytes under the same declarations are the same batch, unless others came in between: ``after`` them."""
    seen = sorted(f"{item.receipt.name}\0{item.receipt.sha256}" for item in items)
    parts = [contract.dataset, declarations, *seen, *([after] if after else [])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _sources(
    items: Sequence[Item], contract: Contract, registry: Registry, lake: Lake, scratch: str, budget: Budget
) -> tuple[list[Source], Sequence[str], list[Problem]]:
    """The items as blocks in their order, their source fields, and what a pivot left aside."""
    if contract.reshape:
        return _reshaped(items, contract, registry, lake, scratch, budget)
    fields = items[0].columns
    sources: list[Source] = []
    for direct, some in groupby(items, lambda item: isinstance(item, Direct)):
        if direct:
            sources.append(
                Directs([item for item in some if isinstance(item, Direct)], budget.block_bytes, budget.spent)
            )
        else:
            paths = [path for item in some if isinstance(item, Parsed) for path in item.files]
            sources.append(Stored(paths, fields, lake, budget.block_rows, budget.spent))
    return sources, fields, []


def _reshaped(
    items: Sequence[Item], contract: Contract, registry: Registry, lake: Lake, scratch: str, budget: Budget
) -> tuple[list[Source], Sequence[str], list[Problem]]:
    files = [path for item in items if isinstance(item, Parsed) for path in item.files]
    frame = pl.scan_parquet(files, storage_options=lake.storage_options)
    frame = frame.rename({name: RAW + name for name in frame.collect_schema().names() if name not in PROVENANCE})
    path = f"{scratch}/reshaped.parquet"
    long = reshape(frame, contract, registry)
    fields = [name.removeprefix(RAW) for name in long.collect_schema().names() if name.startswith(RAW)]
    long.rename({RAW + name: name for name in fields}).sink_parquet(path)
    left = unlisted(frame, contract)
    names = ", ".join(f"{name} ({number})" for name, number in left.items())
    notes = [Problem("PIVOT_VALUE_UNLISTED", {"dataset": contract.dataset, "values": names})] if left else []
    return [Stored([path], fields, Lake(scratch), budget.block_rows, budget.spent)], fields, notes


def _about(items: Sequence[Item]) -> int:
    """How many rows there are, or nearly."""
    return sum(item.rows if isinstance(item, Parsed) else item.about_rows() for item in items)


def _duplicates(parts: Split, to: Target, contract: Contract) -> tuple[str, ...]:
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


def _counts(parts: Split, duplicates: Sequence[str], lake: Lake) -> Counts:
    """Each side from the footers of its own files, so that the conservation law is a test and not a definition."""
    standard, refused_rows, dropped = (
        sum(row_count(path, lake) for path in files) for files in (parts.standard, parts.quarantine, duplicates)
    )
    return Counts(parts.rows, standard, refused_rows, dropped)


def row_count(path: str, lake: Lake) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pl.scan_parquet(path, storage_options=lake.storage_options).select(pl.len()).collect().item())


def _not_conserved(dataset: str, batch: str, counts: Counts) -> CitylakeError:
    total = counts.standard + counts.quarantined + counts.duplicates
    return CitylakeError("ROWS_NOT_CONSERVED", dataset=dataset, batch=batch, total=total, **asdict(counts))


def _warns(contract: Contract, bounds: Sequence[Bound]) -> bool:
    """Whether rows may have warnings at all."""
    return any(rule.severity != "error" for rule in contract.rules) or bool(repeated_times(bounds))


def _issues(parts: Split, lake: Lake, *, warns: bool) -> dict[str, int]:
    options = lake.storage_options
    found: dict[str, int] = {}
    if parts.quarantine:
        found |= _tally(pl.scan_parquet(list(parts.quarantine), storage_options=options).select("codes"), "codes")
    if parts.standard and warns:
        warned = pl.scan_parquet(list(parts.standard), storage_options=options, hive_partitioning=False)
        listed = warned.select(pl.col("_warnings").drop_nulls().str.split(","))
        found |= _tally(listed, "_warnings")
    return found


def _tally(frame: pl.LazyFrame, column: str) -> Mapping[str, int]:
    """Rows by issue code, from a column of code lists."""
    counted = frame.select(pl.col(column).explode(empty_as_null=True)).drop_nulls().group_by(column).len()
    return dict(counted.collect(engine="streaming").iter_rows())
