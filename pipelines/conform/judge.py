"""The conform pass over one block: every standard column, and which rows break a rule.

What follows from a text alone is worked out once for each distinct text of the block, by the same expressions as in
:mod:`pipelines.conform.prepare`; only what reaches over columns is worked out row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from pipelines.blocks.arrays import arrow, numbers, places
from pipelines.blocks.block import Block
from pipelines.conform.bound import RAW, Bound
from pipelines.conform.coordinates import half_pairs
from pipelines.conform.prepare import (
    BAD,
    Words,
    event_column,
    partition_of,
    standard_columns,
    typed,
    warnings_of,
)
from pipelines.conform.units import Unit, units_of
from quality.rules.contract_rules import contract_rules
from quality.rules.mask import broken
from schemas.contract import Contract

HASH = "#"
"""Prefix of the hashes of a key's columns."""
_TOGETHER = 20_000
"""Distinct texts up to which single columns share one plan, the shorter ones filled up."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A standard column: ``values``, and for every row of the block a place among them."""

    values: pl.Series
    at: np.ndarray

    def rows(self, chosen: np.ndarray | None = None) -> pl.Series:
        """The value of every row, or of the chosen ones."""
        at = self.at if chosen is None else self.at[chosen]
        return self.values.gather(pl.Series(at.view(np.uint32)))


    def distinct(self) -> Typed:
        """The same with each value once."""
        found = self.values.to_arrow().dictionary_encode("encode")
        values = pl.Series(self.values.name, found.dictionary, dtype=self.values.dtype)
        return Typed(values, places(found.indices, 0)[self.at])


@dataclass(slots=True)
class Judged:
    """``columns``: standard columns, ``_date``, the partition and the key's hashes; ``bad``: which rows to refuse."""

    block: Block
    columns: dict[str, Typed]
    bad: np.ndarray
    warnings: pl.Series | None = None
    """Codes of the warnings of every row, where the contract has such rules."""


class Judge:
    """The work on blocks of one batch. ``key``: the columns by which a row must be the only one of its receipt."""

    def __init__(self, contract: Contract, bounds: Sequence[Bound], words: Words, key: Sequence[str] = ()) -> None:
        self.contract, self.words, self.key = contract, words, key
        self._units = units_of(contract, bounds, words)
        rules = list(contract_rules(contract, standard_columns(bounds), {}))
        self._errors = [rule.broken for rule in (*rules, *half_pairs(bounds)) if rule.severity == "error"]
        self._warned = [rule for rule in rules if rule.severity != "error"]

    def __call__(self, block: Block) -> Judged:
        """Work out a block."""
        bad = np.zeros(block.rows, np.bool_) if block.conflict is None else block.conflict.copy()
        judged = Judged(block, {}, bad)
        alone = [unit for unit in self._units if unit.alone and self._small(block, unit)]
        self._together(judged, alone)
        for unit in self._units:
            if unit not in alone:
                self._one(judged, unit)
        self._over_rows(judged)
        return judged

    def _small(self, block: Block, unit: Unit) -> bool:
        return len(block.columns[unit.fields[0]].values) <= _TOGETHER

    def _together(self, judged: Judged, units: Sequence[Unit]) -> None:
        """Units of one field each, in one frame: each reads as many of its rows as its field has texts."""
        if not units:
            return
        fields = {name: judged.block.columns[name] for unit in units for name in unit.fields}
        frame = pl.concat([_texts(name, column.values) for name, column in fields.items()], how="horizontal_extend")
        worked = self._worked(frame, units)
        for unit in units:
            column = fields[unit.fields[0]]
            self._keep(judged, unit, worked.head(len(column.values)), column.at)

    def _one(self, judged: Judged, unit: Unit) -> None:
        """A unit of several fields: each distinct combination once."""
        inputs = [judged.block.columns[name] for name in unit.fields]
        given = [judged.columns[name].distinct() for name in unit.given]
        chosen, at = combined([(len(one.values), one.at) for one in (*inputs, *given)], judged.block.rows)
        frames = [
            _texts(name, column.values.take(arrow(place)))
            for name, column, place in zip(unit.fields, inputs, chosen, strict=False)
        ]
        frames += [
            one.values.gather(pl.Series(place.view(np.uint32))).alias(name).to_frame()
            for name, one, place in zip(unit.given, given, chosen[len(inputs) :], strict=True)
        ]
        frame = pl.concat(frames, how="horizontal") if frames else pl.DataFrame({"_": [None]})
        self._keep(judged, unit, self._worked(frame, [unit]), at)

    def _worked(self, frame: pl.DataFrame, units: Sequence[Unit]) -> pl.DataFrame:
        bounds = [bound for unit in units for bound in unit.bounds]
        event = event_column(self.contract) in [bound.column for bound in bounds]
        worked, rules = typed(frame.lazy(), self.contract, bounds, self.words, dated=event)
        columns: list[pl.Expr] = [pl.col(name) for name in standard_columns(bounds)]
        columns += [pl.col(name) for name in ("_date", partition_of(self.contract)) if event and name]
        columns += [pl.col(name).hash().alias(HASH + name) for name in self.key if name in standard_columns(bounds)]
        for unit in units:
            own = {bound.column for bound in unit.bounds}
            columns.append(broken([rule for rule in rules if rule.field in own]).alias(_flag(unit)))
        return worked.select(columns).collect()

    def _keep(self, judged: Judged, unit: Unit, worked: pl.DataFrame, at: np.ndarray) -> None:
        mine = standard_columns(unit.bounds)
        if event_column(self.contract) in mine:
            mine += [name for name in ("_date", partition_of(self.contract)) if name]
        mine += [HASH + name for name in self.key if name in mine]
        for name in mine:
            judged.columns[name] = Typed(worked[name], at)
        flags = worked[_flag(unit)].to_numpy()
        if flags.any():
            judged.bad |= flags[at]

    def _over_rows(self, judged: Judged) -> None:
        """Rules over several columns. In a row that no other rule refuses, every text has been understood."""
        if not self._errors and not self._warned:
            return
        exprs = [*self._errors, *(rule.broken for rule in self._warned)]
        names = dict.fromkeys(name for expr in exprs for name in expr.meta.root_names() if name in judged.columns)
        frame = pl.DataFrame([judged.columns[name].rows().alias(name) for name in names])
        if self._errors:
            over = pl.any_horizontal(self._errors).fill_null(value=False).alias(BAD)
            judged.bad |= np.asarray(frame.select(over)[BAD])
        if self._warned:
            judged.warnings = frame.select(warnings_of(self._warned))["_warnings"]


def _texts(name: str, values: pa.Array) -> pl.DataFrame:
    return pl.DataFrame({RAW + name: pl.Series(values, dtype=pl.String)})


def _flag(unit: Unit) -> str:
    return f"{BAD}.{unit.bounds[0].column}"


def combined(parts: Sequence[tuple[int, np.ndarray]], rows: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Places (int32) of each part in every combination, and for every row the place of its combination.

    ``parts``: how many values each has, and for every row the place of its value. Every possible combination where
    those are few, else those that there are.
    """
    found_at: list[np.ndarray] = []
    total, code = 1, np.zeros(rows, np.int32)
    for size, at in parts:
        if total * size <= max(rows // 4, 1024):
            present, code = np.arange(total * size), (code * size + at).astype(np.int32)
        else:
            found = arrow(code.astype(np.int64) * size + at).dictionary_encode()
            present, code = numbers(found.dictionary), places(found.indices, 0)
        found_at = [place[present // size] for place in found_at] + [(present % size).astype(np.int32)]
        total = len(present)
    return found_at, code
