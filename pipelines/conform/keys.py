"""The key test: within one receipt a key stands for one row; the first stays, the others are named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.conform.prepare import BAD, Prepared
from pipelines.conform.reshape import PROVENANCE
from schemas.contract import Contract


@dataclass(frozen=True, slots=True)
class Repeated:
    """Rows that repeat the key of an earlier good row of their receipt.

    Columns: ``_index``, provenance, ``survivor_receipt``, ``survivor_row``, ``survivor`` (words), ``exact`` (Boolean).
    """

    rows: pl.DataFrame

    @property
    def exact(self) -> pl.DataFrame:
        """Those that equal the survivor in every column: dropped, and counted by name."""
        return self.rows.filter("exact")

    @property
    def conflicts(self) -> pl.DataFrame:
        """Those that say something else about the same key: quarantined, naming the survivor."""
        return self.rows.filter(~pl.col("exact"))


def repeated(prepared: Prepared, contract: Contract, over: Callable[[pl.LazyFrame], Prepared]) -> Repeated | None:
    """Find repeated keys by 64-bit hashes, then by the keys themselves; None where there are none.

    ``over`` makes the plan for a few rows (a frame of their ``_index``): only candidates are then worked out in full.
    """
    key = ["_receipt", *_key(contract)]
    if len(key) == 1:
        return None
    hashes = prepared.frame.select("_index", pl.struct(key).hash().alias("_key")).collect(engine="streaming")
    twice = hashes.filter(pl.col("_key").is_duplicated()).select("_index")
    if twice.is_empty():
        return None
    few = over(twice.lazy())
    candidates = few.frame.filter(~pl.col(BAD)).select("_index", *PROVENANCE, *few.columns)
    rows = _judge(candidates.collect(engine="streaming"), few, key)
    return Repeated(rows) if rows.height else None


def _key(contract: Contract) -> list[str]:
    """A register that tells its own validity holds one row a key and start."""
    valid = contract.write.valid
    return list(dict.fromkeys([*contract.write.key, *([valid.start] if valid else [])]))


def _judge(candidates: pl.DataFrame, prepared: Prepared, key: list[str]) -> pl.DataFrame:
    good = candidates.sort("_index")
    same = [pl.col(name).eq_missing(pl.col(name).first().over(key)) for name in prepared.columns]
    told = good.with_columns(
        pl.col("_index").first().over(key).alias("_first"),
        pl.col("_receipt").first().over(key).alias("survivor_receipt"),
        pl.col("_row").first().over(key).alias("survivor_row"),
        pl.format("{} : {}", pl.col("_source").first().over(key), pl.col("_row").first().over(key)).alias("survivor"),
        pl.all_horizontal(same).alias("exact"),
    )
    columns = ["_index", *PROVENANCE, "survivor_receipt", "survivor_row", "survivor", "exact"]
    return told.filter(pl.col("_index") != pl.col("_first")).select(columns)
