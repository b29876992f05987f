"""What the lake knows of datasets and marts beside their declarations: files, versions, days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """``place``: of the standard table, below the lake. ``first`` and ``last``: its days, as ``2026-03-01``."""

    place: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class MartFacts:
    """``place``: of the published file, below the lake; ``published_at``: ISO 8601; ``size``: bytes."""

    place: str
    version: str
    published_at: str
    size: int


def dataset_facts(lake: Lake | None, contracts: Iterable[Contract]) -> dict[str, DatasetFacts]:
    """Dataset → its facts, of those that have a standard table."""
    found = {}
    for contract in contracts if lake else ():
        rows = scan_lake_table(lake, lake.standard(contract.dataset)) if lake else None
        if rows is not None:
            place = f"standard/{contract.dataset}"
            found[contract.dataset] = DatasetFacts(place, *_days(rows, contract.write.partition))
    return found


def mart_facts(lake: Lake | None, marts: Iterable[str]) -> dict[str, MartFacts]:
    """Mart → its facts, of those that are published."""
    found = {}
    for mart in marts if lake else ():
        pointer = read_pointer(lake, mart) if lake else None
        if lake and pointer:
            size = lake.fs.info(f"{lake.mart(mart)}/{pointer.file}")["size"]
            found[mart] = MartFacts(f"marts/{mart}/{pointer.file}", pointer.version, pointer.published_at, int(size))
    return found


def _days(rows: pl.LazyFrame, partition: str | None) -> tuple[str, str]:
    """The first and the last day of a table that is partitioned by days; nothing of others."""
    column = "_day"
    if not (partition or "").startswith("day(") or column not in rows.collect_schema().names():
        return "", ""
    ends = rows.select(pl.col(column).min().alias("first"), pl.col(column).max().alias("last"))
    first, last = ends.collect(engine="streaming").row(0)
    return (str(first), str(last)) if first is not None else ("", "")
