"""The decisions of people that are in force for some receipts: corrections, and rows that are released or discarded.

Receipts of the same bytes of the same source share their decisions, whichever of them a decision names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from citylake.pipelines.lake.ledger import acts_table, corrections_table, row_acts_table
from citylake.pipelines.lake.ledger.lake_ledger import Ledger
from citylake.pipelines.lake.row_id import ROW_PLACE

_CORRECTION = ("sequence", "dataset", "act_id", "scope", *ROW_PLACE, "field", "match", "old", "new", "active")
_ROW_ACT = ("sequence", "dataset", "act_id", *ROW_PLACE, "decision")
_FIRST = "_first"
"""The receipt by which the bytes first arrived."""
_CONTENT = (_FIRST, "_part", "_row")
_VALUE = ("field", "match", "old")
_ENDING = ("released", "discarded")


@dataclass(frozen=True, slots=True)
class RowDecisions:
    """What is in force, the newest first.

    ``cells``: ``act_id``, the row's place, ``field``, ``old``, ``new``. ``values``: ``act_id``, ``field``, ``match``,
    ``old``, ``new``. ``rows``: ``act_id``, the row's place, ``decision`` (``released`` or ``discarded``). ``acts``: the
    acts that decided, also those by which nothing is in force any more.
    """

    cells: pl.DataFrame
    values: pl.DataFrame
    rows: pl.DataFrame
    acts: frozenset[str]

    @property
    def digest(self) -> str:
        """The same for the same decisions; empty if none is in force."""
        texts = [
            frame.select(pl.exclude("act_id", "_receipt")).rows() for frame in (self.cells, self.values, self.rows)
        ]
        if not any(texts):
            return ""
        return hashlib.sha256(repr([sorted(map(repr, each)) for each in texts]).encode()).hexdigest()


def load_decisions(ledger: Ledger, dataset: str, receipts: Collection[str] | None = None) -> RowDecisions | None:
    """The decisions for ``receipts``; None: for all, each by the receipt that first brought its bytes.

    Returns None if there never was one. An act counts once it is on record, with all of its rows.
    """
    recorded = _recorded(ledger, dataset)
    if recorded is None:
        return None
    corrections, rows = recorded
    places = _Places(ledger.first_arrivals(dataset), receipts)
    cells = _last_cells(places, corrections)
    values = _last(corrections.filter(pl.col("scope") == "value"), _VALUE)
    rows = _last_row_acts(places.of(rows))
    acts = frozenset(pl.concat([cells["act_id"], values["act_id"], rows["act_id"]]))
    if not acts:
        return None
    at = ["act_id", *ROW_PLACE, _FIRST]
    return RowDecisions(
        cells.filter("active").select(*at, "field", "old", "new"),
        values.filter("active").select("act_id", *_VALUE, "new"),
        rows.filter(pl.col("decision").is_in(_ENDING)).select(*at, "decision"),
        acts,
    )


@dataclass(frozen=True, slots=True)
class DecidingActs:
    """The acts that decide, also those that end a decision.

    ``rows``: ``act_id`` and the receipt that first brought the bytes. ``values``: every act on a value, with the last
    one on the same value as ``last``. ``first``: by receipt of bytes that arrived again, their first receipt.
    """

    rows: pl.DataFrame
    values: pl.DataFrame
    first: dict[str, str]


def deciding_acts(ledger: Ledger, dataset: str) -> DecidingActs | None:
    """The acts that decide about rows and values of a dataset; None if there are none."""
    recorded = _recorded(ledger, dataset)
    if recorded is None:
        return None
    corrections, rows = recorded
    places = _Places(ledger.first_arrivals(dataset), None)
    found = [_last_cells(places, corrections), _last_row_acts(places.of(rows))]
    values = corrections.filter(pl.col("scope") == "value")
    last = _last(values, _VALUE).select(*_VALUE, pl.col("act_id").alias("last"))
    return DecidingActs(
        pl.concat([each.select("act_id", _FIRST) for each in found]).unique(),
        values.select("act_id", *_VALUE).join(last, on=_VALUE, nulls_equal=True).select("act_id", "last").unique(),
        places.first,
    )


def _recorded(ledger: Ledger, dataset: str) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The corrections and row acts of acts on record; None if there are none."""
    corrections = ledger.dataset_rows(corrections_table.TABLE, dataset, _CORRECTION)
    rows = ledger.dataset_rows(row_acts_table.TABLE, dataset, _ROW_ACT)
    if corrections.is_empty() and rows.is_empty():
        return None
    done = ledger.dataset_rows(acts_table.TABLE, dataset, ("sequence", "dataset", "act_id"))["act_id"].implode()
    corrections, rows = (frame.filter(pl.col("act_id").is_in(done)) for frame in (corrections, rows))
    return None if corrections.is_empty() and rows.is_empty() else (corrections, rows)


@dataclass(frozen=True, slots=True)
class _Places:
    """Rows of receipts, by the receipts that first brought the same bytes."""

    first: dict[str, str]
    receipts: Collection[str] | None

    def of(self, decided: pl.DataFrame) -> pl.DataFrame:
        """The decisions about the receipts, at their places there, once for each receipt."""
        own = decided.with_columns(self._first_of("_receipt"), pl.col("_part").fill_null("")).drop("_receipt")
        if self.receipts is None:
            return own.with_columns(pl.col(_FIRST).alias("_receipt"))
        wanted = pl.DataFrame({"_receipt": sorted(self.receipts)}, schema={"_receipt": pl.String})
        return own.join(wanted.with_columns(self._first_of("_receipt")), on=_FIRST)

    def _first_of(self, name: str) -> pl.Expr:
        return (pl.col(name).replace(self.first) if self.first else pl.col(name)).alias(_FIRST)


def _last_cells(places: _Places, corrections: pl.DataFrame) -> pl.DataFrame:
    return _last(places.of(corrections.filter(pl.col("scope") == "row")), ("_receipt", *_CONTENT, "field"))


def _last(rows: pl.DataFrame, of: Collection[str]) -> pl.DataFrame:
    """The last row of each, the newest first."""
    return rows.sort("sequence").unique(list(of), keep="last").sort("sequence", descending=True)


def _last_row_acts(rows: pl.DataFrame) -> pl.DataFrame:
    """The last act of each row that was ever released or discarded."""
    place = ("_receipt", *_CONTENT)
    ever = rows.filter(pl.col("decision").is_in(_ENDING)).select(place).unique()
    return _last(rows.join(ever, on=place, how="semi"), place)
