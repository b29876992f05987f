"""Conform: raw rows through bindings and rules, to files that wait for the audit."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import asdict

import polars as pl

from pipelines.conform.bound import RAW, bind, unknown_fields
from pipelines.conform.keys import Repeated, repeated
from pipelines.conform.prepare import Prepared, prepare
from pipelines.conform.reasons import refused
from pipelines.conform.reshape import reshape, unlisted
from pipelines.conform.stage import Split, Target, row_count, split, tally
from pipelines.lake import Lake
from pipelines.records import Counts, Parsed, Run, Staged
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem
from schemas.fingerprint import fingerprint
from schemas.registry import Registry

_REFUSED_AT_ONCE = 500_000


def conform(
    parsed: Sequence[Parsed], contract: Contract, registry: Registry, lake: Lake, run: Run, after: str = ""
) -> Staged:
    """Stage one batch: receipts of the same source columns, in the order given; ``after`` as for :func:`batch_id`.

    Raises CitylakeError where the batch must be held as a whole: a mapped column is missing, a code table
    is not there, a rule cannot be read.
    """
    print_of = fingerprint(contract, registry)
    batch = batch_id(parsed, contract, print_of, after)
    with tempfile.TemporaryDirectory(prefix="citylake-") as scratch:
        frame, rows_in, notes = _source(parsed, contract, lake, scratch)
        fields = [name.removeprefix(RAW) for name in frame.collect_schema().names() if name.startswith(RAW)]
        bounds = bind(contract, registry, fields)
        notes += _unknown(contract, unknown_fields(contract, bounds, fields))

        def over(rows: pl.LazyFrame) -> Prepared:
            return prepare(frame.join(rows, on="_index", how="semi"), contract, bounds, registry, lake)

        prepared = prepare(frame, contract, bounds, registry, lake)
        again = repeated(prepared, contract, over)
        to = Target(lake, lake.standard(contract.dataset), batch, f"{batch}-{run.id.rpartition('-')[2]}")
        parts = split(prepared, again, to, scratch)
        written = _Written(to, contract, run)
        quarantine = written.quarantine(parts, prepared)
        duplicates = written.duplicates(again)
        counts = _counts(rows_in, parts, quarantine, duplicates, lake)
        if not counts.conserved:
            raise _not_conserved(contract.dataset, batch, counts)
        issues = _issues(parts, quarantine, lake)
    return Staged(
        batch=batch,
        run=run.id,
        dataset=contract.dataset,
        receipts=tuple(item.receipt.id for item in parsed),
        standard=parts.standard,
        quarantine=quarantine,
        duplicates=duplicates,
        counts=counts,
        issues=issues,
        days=parts.days,
        fingerprint=print_of,
        notes=tuple(notes),
    )


def batch_id(parsed: Sequence[Parsed], contract: Contract, declarations: str, after: str = "") -> str:
    """The same bytes under the same declarations are the same batch, unless others came in between: ``after`` them."""
    seen = sorted(f"{item.receipt.name}\0{item.receipt.sha256}" for item in parsed)
    parts = [contract.dataset, declarations, *seen, *([after] if after else [])]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _source(
    parsed: Sequence[Parsed], contract: Contract, lake: Lake, scratch: str
) -> tuple[pl.LazyFrame, int, list[Problem]]:
    """The source fields as one frame with ``_index``, its number of records, and what a pivot left aside."""
    files = [path for item in parsed for path in item.files]
    options = lake.storage_options
    if not contract.reshape:
        frame = pl.scan_parquet(files, storage_options=options, row_index_name="_index")
        return _prefixed(frame), sum(item.rows for item in parsed), []
    frame = _prefixed(pl.scan_parquet(files, storage_options=options))
    path = f"{scratch}/reshaped.parquet"
    reshape(frame, contract).sink_parquet(path)
    left = unlisted(frame, contract)
    names = ", ".join(f"{name} ({number})" for name, number in left.items())
    notes = [Problem("PIVOT_VALUE_UNLISTED", {"dataset": contract.dataset, "values": names})] if left else []
    reshaped = pl.scan_parquet(path, row_index_name="_index")
    return reshaped, row_count(path, Lake(scratch)), notes


def _prefixed(frame: pl.LazyFrame) -> pl.LazyFrame:
    own = ("_index", "_receipt", "_source", "_part", "_row")
    return frame.rename({name: RAW + name for name in frame.collect_schema().names() if name not in own})


def _unknown(contract: Contract, fields: Sequence[str]) -> list[Problem]:
    if not fields:
        return []
    values = {"dataset": contract.dataset, "fields": ", ".join(fields[:20]) + (" …" if len(fields) > 20 else "")}
    if contract.drift.unknown_column == "hold":
        raise CitylakeError("UNKNOWN_COLUMN", **values)
    return [Problem("UNKNOWN_COLUMN", values)]


class _Written:
    """Writes the small sides of a batch: refused rows and duplicates."""

    def __init__(self, to: Target, contract: Contract, run: Run) -> None:
        self.to, self.lake, self.contract, self.batch, self.run = to, to.lake, contract, to.batch, run

    def quarantine(self, parts: Split, prepared: Prepared) -> tuple[str, ...]:
        """The quarantine files of the batch, each of as many rows as memory allows; none where none was refused."""
        files = []
        for number, first in enumerate(range(0, row_count(parts.bad, self.lake), _REFUSED_AT_ONCE)):
            bad = pl.scan_parquet(parts.bad).slice(first, _REFUSED_AT_ONCE)
            rows = refused(bad, prepared, self.batch, self.run.started_at)
            files.append(self._write(rows, self.lake.quarantine(self.contract.dataset), number))
        return tuple(files)

    def duplicates(self, again: Repeated | None) -> tuple[str, ...]:
        """The file that names each exact duplicate and the row that survives it."""
        if again is None or again.exact.is_empty():
            return ()
        rows = again.exact.lazy().select(
            pl.lit(self.batch).alias("_batch"),
            pl.lit(self.contract.dataset).alias("dataset"),
            *("_receipt", "_row", "survivor_receipt", "survivor_row"),
            pl.lit("exact").alias("kind"),
        )
        return (self._write(rows, self.lake.ledger("duplicates")),)

    def _write(self, rows: pl.LazyFrame, folder: str, number: int = 0) -> str:
        path = f"{folder}/{self.to.stem}-{number}.parquet"
        self.lake.makedirs(folder)
        rows.sink_parquet(path, storage_options=self.lake.storage_options)
        return path


def _counts(rows_in: int, parts: Split, quarantine: Sequence[str], duplicates: Sequence[str], lake: Lake) -> Counts:
    """Each side from the footers of its own files, so that the conservation law is a test and not a definition."""
    standard, refused_rows, dropped = (
        sum(row_count(path, lake) for path in files) for files in (parts.standard, quarantine, duplicates)
    )
    return Counts(rows_in, standard, refused_rows, dropped)


def _not_conserved(dataset: str, batch: str, counts: Counts) -> CitylakeError:
    total = counts.standard + counts.quarantined + counts.duplicates
    return CitylakeError("ROWS_NOT_CONSERVED", dataset=dataset, batch=batch, total=total, **asdict(counts))


def _issues(parts: Split, quarantine: Sequence[str], lake: Lake) -> dict[str, int]:
    options = lake.storage_options
    found: dict[str, int] = {}
    if quarantine:
        found |= tally(pl.scan_parquet(list(quarantine), storage_options=options).select("codes"), "codes")
    if parts.standard:
        warned = pl.scan_parquet(list(parts.standard), storage_options=options, hive_partitioning=False)
        listed = warned.select(pl.col("_warnings").drop_nulls().str.split(","))
        found |= tally(listed, "_warnings")
    return found
