"""Rows that were refused and are therefore not in a number, though they are of the same days or keys as its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from citylake.pipelines.commit.table_schema import table_partition_column
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.quarantine_life import IS_OPEN
from citylake.pipelines.read.quarantine_frame import scan_quarantine
from citylake.pipelines.read.quarantine_rows import quarantine_row_reader
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.day_zones import partition_day_zone
from citylake.schemas.read.registry import Registry

_MOST_SHOWN: Final = 3


def find_refused_rows(lake: Lake, registry: Registry, contract: Contract, rows: pl.DataFrame) -> dict[str, Any]:
    """Return the refused rows that stand beside ``rows`` of a standard table.

    Returns:
        ``rows``: refused rows of the days of ``rows`` (of a dataset without days: with a key of ``rows``, or of its
        receipts); ``same_key``: those of them whose key has, except for the time, the values of one of ``rows``;
        ``without_key``: rows of the same receipts whose key cannot be read, which may be of any day; ``reasons``: the
        codes and fields with their rows; ``examples``: some of the rows with their messages, masked as in every list.
    """
    found = scan_quarantine(lake, contract.dataset)
    if found is None or rows.is_empty():
        return {"rows": 0, "same_key": 0, "without_key": 0, "reasons": [], "examples": []}
    whole = found.filter(IS_OPEN, pl.col("refused").is_null())
    beside = _Beside(contract, registry, rows)
    chosen = whole.with_columns(beside.columns(whole)).filter(beside.IS_NEAR).collect(engine="streaming")
    keyed = chosen.filter("_has_key")
    if keyed.height:
        keyed = keyed.sort("_same_key", descending=True, maintain_order=True)
    read = quarantine_row_reader(contract, registry)
    shown = [*keyed.head(_MOST_SHOWN).to_dicts(), *chosen.filter(~pl.col("_has_key")).head(_MOST_SHOWN).to_dicts()]
    return {
        "rows": keyed.height,
        "same_key": keyed.filter("_same_key").height,
        "without_key": chosen.height - keyed.height,
        "reasons": _reasons(chosen),
        "examples": [read(row) for row in shown[:_MOST_SHOWN]],
    }


class _Beside:
    """The conditions under which a refused row stands beside ``rows``."""

    IS_NEAR: Final = pl.col("_near")

    def __init__(self, contract: Contract, registry: Registry, rows: pl.DataFrame) -> None:
        self._zone = partition_day_zone(contract, registry)
        by_day = table_partition_column(contract) == "_day" and "_day" in rows.columns
        self._time = (contract.write.partition or "").partition("(")[2].rstrip(")") if by_day else ""
        self._days = rows["_day"].drop_nulls().unique().to_list() if by_day else []
        self._others = [name for name in contract.write.key if name != self._time and name in rows.columns]
        self._keys = rows.select(_key_of(self._others)).to_series().unique().to_list() if self._others else []
        self._receipts = rows["_receipt"].drop_nulls().unique().to_list()

    def columns(self, quarantine: pl.LazyFrame) -> list[pl.Expr]:
        has_key = pl.col("key").is_not_null()
        parts = [_part("key", name) for name in self._others]
        text = pl.concat_str(*parts, separator="\x1f", ignore_nulls=False) if parts else pl.lit(None, pl.String)
        same = text.is_in(self._keys).fill_null(value=not self._others)
        same_day = self._day().is_in(self._days) if self._time else same
        near = pl.when(has_key).then(same_day).otherwise(pl.col("_receipt").is_in(self._receipts))
        return [
            has_key.alias("_has_key"),
            (has_key & same).alias("_same_key"),
            near.fill_null(value=False).alias("_near"),
        ]

    def _day(self) -> pl.Expr:
        """The day of a refused row, from the text of its key: a date, or a time in UTC."""
        text = _part("key", self._time)
        moment = text.str.to_datetime(time_unit="us", time_zone="UTC", strict=False, ambiguous="earliest")
        local = moment.dt.convert_time_zone(self._zone).dt.date()
        return pl.when(text.str.len_chars() == len("2026-03-01")).then(text.str.to_date(strict=False)).otherwise(local)


def _part(column: str, name: str) -> pl.Expr:
    """One value of a key, as text."""
    return pl.col(column).str.json_path_match(f'$["{name}"]')


def _key_of(names: list[str]) -> pl.Expr:
    """The values of ``names`` of standard rows, as the text of a key has them."""
    made = pl.struct(pl.col(name) for name in names).struct.json_encode().alias("key")
    return pl.concat_str([_value(made, name) for name in names], separator="\x1f")


def _value(made: pl.Expr, name: str) -> pl.Expr:
    return made.str.json_path_match(f'$["{name}"]')


def _reasons(chosen: pl.DataFrame) -> list[dict[str, Any]]:
    counted: Counter[tuple[str, str | None]] = Counter()
    for reasons in chosen["reasons"]:
        found: set[tuple[str, str | None]] = {_reason(each) for each in (() if reasons is None else reasons)}
        counted.update(found)
    return [{"code": code, "field": field, "rows": count} for (code, field), count in counted.most_common()]


def _reason(reason: Mapping[str, Any]) -> tuple[str, str | None]:
    return reason["code"], reason["field"]
