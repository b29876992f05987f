"""The key test: within one receipt a key identifies one row; the first is written, the others are duplicates.

The pass has spilled every row whose key may be a duplicate. Here the real keys are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block, EncodedColumn
from citylake.pipelines.conform.bind.conform_plan import BAD_COLUMN, ConformPlan
from citylake.pipelines.conform.rows.evaluate_block import EvaluatedBlock
from citylake.pipelines.conform.rows.quarantine_reasons import refusal_evidence
from citylake.pipelines.conform.rows.quarantine_writer import QuarantineWriter, quarantine_columns
from citylake.pipelines.conform.rows.spill_buffer import KEY_HASH
from citylake.pipelines.conform.rows.standard_writer import StandardWriter
from citylake.pipelines.conform.rows.typed_column import TypedColumn, frame_to_arrays
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import REFUSED_COLUMN


def receipt_key(contract: Contract) -> list[str]:
    """The columns of the key; a register with its own validity has one row per key and start.

    Empty if a receipt contains every change: the commit finds the newest.
    """
    if contract.write.changes:
        return []
    valid = contract.write.valid
    return list(dict.fromkeys([*contract.write.key, *([valid.start] if valid else [])]))


NO_DUPLICATES = pl.DataFrame(
    schema={"_receipt": pl.String, "_row": pl.Int64, "survivor_receipt": pl.String, "survivor_row": pl.Int64}
)


@dataclass(slots=True)
class DuplicateResolver:
    """Compares spilled rows with those that were written before."""

    refusal: QuarantineWriter
    writer: StandardWriter
    key: Sequence[str]
    exact: list[pl.DataFrame] = field(default_factory=list)
    """Rows that equal the survivor in every column: dropped, and listed with the survivor."""

    def settle(self, rows: pl.DataFrame, before: pl.DataFrame | None) -> None:
        """Write the rows that are the first of their key; refuse or drop the others, with the survivor.

        ``before``: the rows of the files that may have one of their keys.
        """
        prepared = self.refusal.plan(rows)
        worked = prepared.frame.collect()
        # What the files hold is protected already.
        stored = prepared.protection.frame(worked.filter(~pl.col(BAD_COLUMN)))
        frames = ([] if before is None else [before]) + [stored]
        found = [frame.select("_index", *PROVENANCE_COLUMNS, *prepared.columns) for frame in frames]
        told = _mark_duplicates(pl.concat(found), ["_receipt", *self.key], prepared)
        if not self.key:
            told = told.clear()
        marked = worked.join(told, on="_index", how="left", maintain_order="left")
        self.exact.append(marked.filter(pl.col("exact")).select("_receipt", "_row", "survivor_receipt", "survivor_row"))
        left = marked.filter(~pl.col("exact").fill_null(value=False))
        good = ~pl.col(BAD_COLUMN) & pl.col("survivor").is_null()
        evidence = [*quarantine_columns(rows), *refusal_evidence(prepared)]
        whole = left.filter(~good).with_columns(pl.lit(None, pl.String).alias(REFUSED_COLUMN))
        partial = left.filter(good & pl.col(REFUSED_COLUMN).is_not_null())
        for chosen, files in ((whole, self.refusal.files), (partial, self.refusal.value_files)):
            # Even without rows, the plan of the evidence takes as long as a thousand of them.
            if chosen.height:
                self.refusal.write(chosen.lazy().select(evidence).collect(), prepared, files)
        self._write(prepared.protection.frame(left.filter(good)), prepared)

    def _write(self, rows: pl.DataFrame, prepared: ConformPlan) -> None:
        if rows.is_empty():
            return
        every = np.arange(rows.height, dtype=np.int32)
        coded = {name: EncodedColumn.of(rows[name].cast(pl.Categorical).to_arrow()) for name in ("_receipt", "_source")}
        numbers = rows["_row"].to_numpy()
        block = Block(coded, rows.height, lambda: numbers, row=numbers)
        names = [*prepared.columns, *(name for name in ("_date", prepared.partition) if name)]
        typed = {name: TypedColumn(array, every) for name, array in frame_to_arrays(rows.select(names)).items()}
        good = np.zeros(rows.height, np.bool_)
        judged = EvaluatedBlock(block, typed, good, rows["_warnings"], refused=rows[REFUSED_COLUMN])
        self.writer.add(judged, every, rows[KEY_HASH].to_numpy())


def _mark_duplicates(rows: pl.DataFrame, key: list[str], prepared: ConformPlan) -> pl.DataFrame:
    """``_index``, ``survivor…`` and ``exact`` of every row that is not the first of its key."""
    ordered = rows.sort("_index", maintain_order=True).with_row_index("_order")
    first = ordered.select(pl.col("_order").first().over(key))["_order"]
    later = ordered["_order"] != first
    told, survivor = ordered.filter(later), ordered[first.filter(later)]
    same = [told[name].eq_missing(survivor[name]) for name in prepared.columns]
    return told.select(
        "_index",
        survivor["_receipt"].alias("survivor_receipt"),
        survivor["_row"].alias("survivor_row"),
        pl.format("{} : {}", survivor["_source"], survivor["_row"]).alias("survivor"),
        pl.all_horizontal(same).alias("exact"),
    )
