"""The decisions of people in one batch: its sources with them, reshaped rows that they name, and what was applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import ParquetBlocks
from citylake.pipelines.blocks.source_rows import BlockPart, SourceRows
from citylake.pipelines.conform.decisions.cell_corrections import CorrectionNotices, unknown_field
from citylake.pipelines.conform.decisions.decided_rows import (
    DECISION,
    AppliedActs,
    DecidedPart,
    DecidedRows,
    TextDecisions,
)
from citylake.pipelines.conform.decisions.value_corrections import pattern_problem, value_corrections
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.row_decisions import RowDecisions
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

_ACT = "#citylake.act"


@dataclass
class BatchDecisions:
    """What is in force for the receipts of one batch."""

    found: RowDecisions
    contract: Contract
    applied: AppliedActs = field(default_factory=AppliedActs)
    sources: list[DecidedRows] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrap(self, sources: Sequence[SourceRows], lake: Lake, budget: Budget, scratch: str) -> list[DecidedRows]:
        """The sources with their decisions; all of them, because the rows of a batch have the same columns."""
        values = value_corrections(self._usable_values())
        touched = sorted({*values, *self.found.cells["field"]})
        self.sources = [
            DecidedRows(
                source,
                TextDecisions(
                    values,
                    touched,
                    self.found.cells.filter(pl.col("_receipt") == source.receipt.id),
                    self.found.rows.filter(pl.col("_receipt") == source.receipt.id),
                    self._cell_names() if self.contract.reshape else None,
                ),
                lake,
                budget,
                Path(scratch) / "decided",
                self.applied,
            )
            for source in sources
        ]
        present = sources[0].columns
        lost = sorted(name for name in values if name not in present)
        self.problems += [unknown_field(self.contract.dataset, name, present) for name in lost]
        return self.sources

    def _cell_names(self) -> frozenset[str]:
        return frozenset(step.unpivot.value for step in self.contract.reshape if step.unpivot)

    def _usable_values(self) -> pl.DataFrame:
        """Without the expressions that cannot be read, which are reported."""
        values, faulty = self.found.values, []
        for at, (name, match, old, new) in enumerate(values.select("field", "match", "old", "new").iter_rows()):
            reason = pattern_problem(old or "", new) if match == "pattern" else None
            if reason is not None:
                faulty.append(at)
                told = {"dataset": self.contract.dataset, "field": name, "old": old or "", "reason": reason}
                self.problems.append(Problem("CORRECTION_PATTERN_INVALID", told))
        return values.with_row_index("_at").filter(~pl.col("_at").is_in(faulty)).drop("_at")

    def mark_reshaped(self, long: pl.LazyFrame) -> pl.LazyFrame:
        """Reshaped rows with ``DECISION``: that of the row itself, otherwise that of the row that the source sent."""
        rows = self.found.rows.select(
            *ROW_PLACE, pl.col("decision").alias(DECISION), pl.col("act_id").alias(_ACT)
        ).lazy()
        source = long.with_columns(pl.col("_part").str.replace(r"(^|/)[^/]*$", "").alias("_sent_part"))
        above = rows.rename({"_part": "_sent_part", DECISION: "_above", _ACT: "_act_above"})
        marked = source.join(rows, on=ROW_PLACE, how="left", maintain_order="left").join(
            above, on=["_receipt", "_sent_part", "_row"], how="left", maintain_order="left"
        )
        chosen = [pl.coalesce(DECISION, "_above").alias(DECISION), pl.coalesce(_ACT, "_act_above").alias(_ACT)]
        return marked.with_columns(chosen).drop("_sent_part", "_above", "_act_above")

    def reshaped_parts(self, blocks: ParquetBlocks) -> Iterator[BlockPart]:
        """The parts of a file of marked rows."""
        self._count_reshaped(blocks.files[0])
        nothing = TextDecisions({}, (), self.found.cells.clear(), self.found.rows.clear())
        for number, part in enumerate(blocks.parts()):
            yield DecidedPart(part, nothing.change_block, "reshaped", ("reshaped", number), self.applied)

    def _count_reshaped(self, path: str) -> None:
        acts = pl.scan_parquet(path).select(_ACT).drop_nulls().group_by(_ACT).len()
        self.applied.found["reshaped"] = dict(acts.collect(engine="streaming").iter_rows())

    @cached_property
    def discarded(self) -> pl.DataFrame:
        """``act_id`` and the place of the discarded rows."""
        return self.found.rows.filter(pl.col("decision") == "discarded").select("act_id", *ROW_PLACE)

    def count_refused(self, files: Sequence[str], lake: Lake) -> None:
        """Count the discarded records that a reader had refused, in quarantine files of such records."""
        if self.discarded.is_empty() or not files:
            return
        records = pl.scan_parquet(list(files), storage_options=lake.storage_options, glob=False).select(ROW_PLACE)
        found = self.discarded.lazy().join(records, on=ROW_PLACE).group_by("act_id").len()
        self.applied.found["refused"] = dict(found.collect(engine="streaming").iter_rows())

    def counts(self) -> dict[str, int]:
        """Changed values and rows by act; 0 for an act that found nothing."""
        return self.applied.total(self.found.acts)

    def notices(self) -> list[Problem]:
        """What was not applied, and why."""
        judged = [source.judged for source in self.sources if source.judged is not None]
        present = self.sources[0].columns if self.sources else ()
        return [*self.problems, *CorrectionNotices(self.contract.dataset, judged).problems(present)]
