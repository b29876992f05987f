"""What the ledger knows of a batch: what it read for the first time, what again, and which acts it knew first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import (
    Ledger,
    acts_table,
    batches_table,
    corrections_applied_table,
    corrections_table,
    meanings_table,
    receipts_table,
    row_acts_table,
)
from citylake.schemas.read.contract_meaning import meaning_changes

_CONTENT = ["name", "source", "sha256"]
_ENDING = ("withdraw_correction", "reopen_rows")
"""Acts that end earlier ones."""


@dataclass(frozen=True, slots=True)
class BatchHistory:
    """One batch beside those that read the same bytes before it."""

    row: Mapping[str, Any]
    """Its row of ``batches``."""
    fresh: tuple[Mapping[str, Any], ...]
    """Its receipts of bytes that no batch read before, as rows of ``receipts``."""
    again: frozenset[str]
    """Receipts of the bytes that it read again, the earlier ones included."""
    earlier: Mapping[str, Any] | None
    """The last batch that read those bytes before; None: all bytes are new."""
    acts: tuple[Mapping[str, Any], ...]
    """Acts that it was the first to know, as rows of ``acts``, and those that ended acts that it no longer knows."""
    released: Mapping[str, Any] | None
    """Values of HELD_RELEASED, if a person released it."""


class LedgerFacts:
    """The parts of the ledger that explain batches of one dataset."""

    def __init__(self, ledger: Ledger, dataset: str) -> None:
        self.ledger, self.dataset = ledger, dataset

    def history(self, row: Mapping[str, Any]) -> BatchHistory:
        """What the ledger knows of the batch of a row of ``batches``."""
        before = self._batches.filter(pl.col("sequence") < row["sequence"])
        own = self._receipts.filter(pl.col("id").is_in(row["receipts"]))
        read = before.select("batch", "sequence", id="receipts").explode("id").join(self._receipts, on="id")
        same = read.join(own.select(_CONTENT), on=_CONTENT, how="semi")
        fresh = own.join(read.select(_CONTENT).unique(), on=_CONTENT, how="anti")
        priors = before.filter(pl.col("batch").is_in(same["batch"].implode()))
        last = priors.sort("sequence").row(-1, named=True) if priors.height else None
        again = frozenset(same["id"]) | (frozenset(own["id"]) - frozenset(fresh["id"]))
        acts = self._new_acts(row, last) if last else ()
        return BatchHistory(row, tuple(fresh.iter_rows(named=True)), again, last, acts, _released(row))

    def newest_day(self, table_version: int) -> date | None:
        """The newest day that batches up to a version of the table touched."""
        days = self._batches.filter(pl.col("table_version") <= table_version)["days"].explode().drop_nulls()
        found = days.max()
        return found if isinstance(found, date) else None

    def act_rows(self, acts: frozenset[str]) -> list[tuple[str, int, str]]:
        """(receipt, row, act) of the single rows that acts are about, for every receipt of the same bytes."""
        rows = self.ledger.read(row_acts_table.TABLE).select("act_id", "dataset", "_receipt", "_row")
        single = self.ledger.read(corrections_table.TABLE).filter(pl.col("scope") == "row")
        rows = pl.concat([rows, single.select("act_id", "dataset", "_receipt", "_row")])
        rows = rows.filter(pl.col("dataset") == self.dataset, pl.col("act_id").is_in(list(acts))).unique()
        content = self._receipts.select(*_CONTENT, "id")
        named = rows.join(content, left_on="_receipt", right_on="id").join(content, on=_CONTENT)
        return list(named.select("id", "_row", "act_id").iter_rows())

    def meaning_changes(self, before: str, after: str) -> tuple[str, ...]:
        """How the columns' meaning differs between two fingerprints, as far as it is on record."""
        old, new = self._meanings.get(before), self._meanings.get(after)
        return tuple(map(str, meaning_changes(old, new))) if old and new else ()

    def _new_acts(self, row: Mapping[str, Any], earlier: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        applied = self._applied
        mine = applied.filter(pl.col("batch") == row["batch"])
        theirs = set(applied.filter(pl.col("batch") == earlier["batch"])["act_id"])
        effective = set(mine.filter(pl.col("rows") > 0)["act_id"]) - theirs
        acts = self._acts.filter(pl.col("dataset") == self.dataset)
        ended = theirs - set(mine["act_id"])
        within = pl.col("recorded_at").is_between(earlier["recorded_at"], row["recorded_at"])
        # An act that discards or corrects a row whose batch does not count it is new all the same.
        about_rows = pl.col("act").is_in(_ENDING) if ended else pl.lit(value=False)
        chosen = pl.col("act_id").is_in(list(effective)) | (within & about_rows)
        return tuple(acts.filter(chosen).sort("sequence").iter_rows(named=True))

    @cached_property
    def _batches(self) -> pl.DataFrame:
        rows = self.ledger.read(batches_table.TABLE)
        return rows.filter(pl.col("dataset") == self.dataset, pl.col("status") == "committed")

    @cached_property
    def _receipts(self) -> pl.DataFrame:
        rows = self.ledger.read(receipts_table.TABLE)
        return rows.filter(pl.col("dataset") == self.dataset, pl.col("status") == "received")

    @cached_property
    def _acts(self) -> pl.DataFrame:
        return self.ledger.read(acts_table.TABLE)

    @cached_property
    def _applied(self) -> pl.DataFrame:
        rows = self.ledger.read(corrections_applied_table.TABLE)
        return rows.filter(pl.col("dataset") == self.dataset)

    @cached_property
    def _meanings(self) -> dict[str, Any]:
        rows = self.ledger.read(meanings_table.TABLE).filter(pl.col("dataset") == self.dataset)
        return {name: json.loads(text) for name, text in rows.select("fingerprint", "meaning").iter_rows()}


def _released(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    problems = json.loads(row["problems"] or "[]")
    return next((each["values"] for each in problems if each["code"] == "HELD_RELEASED"), None)
