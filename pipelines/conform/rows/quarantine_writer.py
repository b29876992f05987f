"""Refused rows to the quarantine, complete and with all their reasons."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.conform_plan import ConformPlan, ConformVocabulary, plan_conform
from citylake.pipelines.conform.decisions.decided_rows import SENT
from citylake.pipelines.conform.rows.quarantine_reasons import any_reason_flagged, quarantine_rows, refusal_evidence
from citylake.pipelines.conform.rows.standard_writer import StageTarget
from citylake.pipelines.records import Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import REFUSED_COLUMN


@dataclass(slots=True)
class QuarantineWriter:
    """The quarantine files of one batch."""

    contract: Contract
    bounds: Sequence[BoundColumn]
    words: ConformVocabulary
    to: StageTarget
    run: Run
    files: list[str] = field(default_factory=list)
    value_files: list[str] = field(default_factory=list)
    """The files of rows that are standard, with the values that were refused."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, rows: pl.DataFrame) -> ConformPlan:
        """The full plan over a few rows of text: every column, every rule, every reason."""
        return plan_conform(rows.lazy(), self.contract, self.bounds, self.words)

    def refuse(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Quarantine rows that break a rule; returns the rows that break none."""
        prepared = self.plan(rows)
        worked = self._evidence(rows, prepared, pl.lit(None, pl.String))
        broken = worked.select(any_reason_flagged(prepared).alias("broken"))["broken"]
        self.write(worked.filter(broken), prepared)
        return rows.filter(~broken)

    def record_values(self, rows: pl.DataFrame) -> None:
        """Record the refused values of standard rows; ``rows`` names them in ``_refused``."""
        prepared = self.plan(rows.drop(REFUSED_COLUMN))
        worked = self._evidence(rows, prepared, pl.lit(rows[REFUSED_COLUMN]))
        self.write(worked, prepared, self.value_files)

    def _evidence(self, rows: pl.DataFrame, prepared: ConformPlan, refused: pl.Expr) -> pl.DataFrame:
        none = pl.lit(None, pl.String).alias("survivor")
        with_these = prepared.frame.with_columns(none, refused.alias(REFUSED_COLUMN))
        return with_these.select(*quarantine_columns(rows), *refusal_evidence(prepared)).collect()

    def write(self, bad: pl.DataFrame, prepared: ConformPlan, files: list[str] | None = None) -> None:
        """Write the next file from rows with their ``evidence`` and ``survivor``."""
        if bad.is_empty():
            return
        lake, files = self.to.lake, self.files if files is None else files
        folder = lake.quarantine(self.contract.dataset)
        lake.makedirs(folder)
        with self._lock:
            kind = "" if files is self.files else "values-"
            path = f"{folder}/{self.to.stem}-{kind}{len(files)}.parquet"
            files.append(path)
        rows = quarantine_rows(bad, prepared, self.to.batch, self.run.started_at)
        rows.write_parquet(path, compression="zstd", compression_level=1, storage_options=lake.storage_options)


def quarantine_columns(rows: pl.DataFrame) -> list[str]:
    """The raw fields of a refused row, also as sent, the row that has its key, and the columns of refused values."""
    raw = [name for name in rows.columns if name.startswith((RAW_PREFIX, SENT))]
    return ["_index", *PROVENANCE_COLUMNS, *raw, "survivor", REFUSED_COLUMN]
