"""Refused rows to the quarantine: whole, with all their reasons."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from pipelines.blocks.block import PROVENANCE
from pipelines.conform.bound import RAW, Bound
from pipelines.conform.prepare import Prepared, Words, prepare
from pipelines.conform.reasons import any_broken, evidence, refused
from pipelines.conform.writer import Target
from pipelines.records import Run
from schemas.contract import Contract


@dataclass(slots=True)
class Refusal:
    """The quarantine files of one batch."""

    contract: Contract
    bounds: Sequence[Bound]
    words: Words
    to: Target
    run: Run
    files: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, rows: pl.DataFrame) -> Prepared:
        """The whole plan over a few rows of text: every column, every rule, every reason."""
        return prepare(rows.lazy(), self.contract, self.bounds, self.words)

    def refuse(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Quarantine rows that break a rule; the rows that, looked at closely, break none."""
        prepared = self.plan(rows)
        none = pl.lit(None, pl.String).alias("survivor")
        worked = prepared.frame.with_columns(none).select(*kept(rows), *evidence(prepared)).collect()
        broken = worked.select(any_broken(prepared).alias("broken"))["broken"]
        self.write(worked.filter(broken), prepared)
        return rows.filter(~broken)

    def write(self, bad: pl.DataFrame, prepared: Prepared) -> None:
        """Write the next file from rows with their ``evidence`` and ``survivor``."""
        if bad.is_empty():
            return
        lake = self.to.lake
        folder = lake.quarantine(self.contract.dataset)
        lake.makedirs(folder)
        with self._lock:
            path = f"{folder}/{self.to.stem}-{len(self.files)}.parquet"
            self.files.append(path)
        rows = refused(bad.lazy(), prepared, self.to.batch, self.run.started_at)
        rows.sink_parquet(path, compression="zstd", compression_level=1, storage_options=lake.storage_options)


def kept(rows: pl.DataFrame) -> list[str]:
    """What a refused row keeps as it came, and the name of the row that has its key."""
    return ["_index", *PROVENANCE, *(name for name in rows.columns if name.startswith(RAW)), "survivor"]
