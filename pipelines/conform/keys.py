"""The key test: within one receipt a key stands for one row; the first stays, the others are named.

The pass has put aside every row whose key may have come before. Here the real keys decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.blocks.block import PROVENANCE, Block, Column
from pipelines.conform.judge import Judged, Typed
from pipelines.conform.prepare import BAD, Prepared
from pipelines.conform.reasons import evidence
from pipelines.conform.refuse import Refusal, kept
from pipelines.conform.writer import Writer
from schemas.contract import Contract


def key_of(contract: Contract) -> list[str]:
    """The columns that must differ; a register that tells its own validity holds one row a key and start."""
    valid = contract.write.valid
    return list(dict.fromkeys([*contract.write.key, *([valid.start] if valid else [])]))


@dataclass(slots=True)
class Repeats:
    """Judges rows that were put aside against those that were ``written``: staged files of earlier rows."""

    refusal: Refusal
    writer: Writer
    written: Sequence[str]
    key: Sequence[str]
    exact: list[pl.DataFrame] = field(default_factory=list)
    """Rows that equal the survivor in every column: dropped, and counted by name."""

    def settle(self, rows: pl.DataFrame) -> None:
        """Write the rows that are the first of their key; name the others to the survivor."""
        prepared = self.refusal.plan(rows)
        worked = prepared.frame.collect()
        wanted = worked.filter(~pl.col(BAD))
        told = _judge(pl.concat([self._earlier(wanted, prepared), _bare(wanted, prepared)]), self._unique, prepared)
        marked = worked.join(told, on="_index", how="left", maintain_order="left")
        self.exact.append(marked.filter(pl.col("exact")).select("_receipt", "_row", "survivor_receipt", "survivor_row"))
        left = marked.filter(~pl.col("exact").fill_null(value=False))
        good = ~pl.col(BAD) & pl.col("survivor").is_null()
        refused = left.lazy().filter(~good).select(*kept(rows), *evidence(prepared)).collect()
        self.refusal.write(refused, prepared)
        self._write(left.filter(good), prepared)

    @property
    def _unique(self) -> list[str]:
        return ["_receipt", *self.key]

    def _earlier(self, rows: pl.DataFrame, prepared: Prepared) -> pl.DataFrame:
        """The rows of the staged files that have one of the keys. They were all written before those put aside."""
        if not self.written:
            return _bare(rows.clear(), prepared)
        lake = self.writer.to.lake
        scanned = pl.scan_parquet(
            list(self.written), storage_options=lake.storage_options, hive_partitioning=False, glob=False
        )
        keys = rows.lazy().select(self._unique).unique()
        found = scanned.join(keys, on=self._unique, how="semi").with_columns(_index=pl.lit(-1, pl.Int64), _part=pl.lit(""))
        return _bare(found.collect(engine="streaming"), prepared)

    def _write(self, rows: pl.DataFrame, prepared: Prepared) -> None:
        if rows.is_empty():
            return
        every = np.arange(rows.height, dtype=np.int32)
        coded = {name: Column.of(rows[name].cast(pl.Categorical).to_arrow()) for name in ("_receipt", "_source")}
        numbers = rows["_row"].to_numpy()
        block = Block(coded, rows.height, lambda: numbers, row=numbers)
        names = [*prepared.columns, *(name for name in ("_date", prepared.partition) if name)]
        typed = {name: Typed(rows[name], every) for name in names}
        self.writer.add(Judged(block, typed, np.zeros(rows.height, np.bool_), rows["_warnings"]), every)


def _bare(rows: pl.DataFrame, prepared: Prepared) -> pl.DataFrame:
    return rows.select("_index", *PROVENANCE, *prepared.columns)


def _judge(rows: pl.DataFrame, key: list[str], prepared: Prepared) -> pl.DataFrame:
    """``_index``, ``survivor…`` and ``exact`` of every row that is not the first of its key."""
    ordered = rows.sort("_index", maintain_order=True).with_row_index("_order")
    same = [pl.col(name).eq_missing(pl.col(name).first().over(key)) for name in prepared.columns]
    told = ordered.with_columns(
        pl.col("_order").first().over(key).alias("_first"),
        pl.col("_receipt").first().over(key).alias("survivor_receipt"),
        pl.col("_row").first().over(key).alias("survivor_row"),
        pl.format("{} : {}", pl.col("_source").first().over(key), pl.col("_row").first().over(key)).alias("survivor"),
        pl.all_horizontal(same).alias("exact"),
    )
    return told.filter(pl.col("_order") != pl.col("_first")).select(
        "_index", "survivor_receipt", "survivor_row", "survivor", "exact"
    )
