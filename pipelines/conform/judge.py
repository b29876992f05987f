"""The conform pass over one block: every standard column, and which rows break a rule.

What follows from a text alone is worked out once for each distinct text of the block, by the same expressions as in
:mod:`pipelines.conform.prepare`; only what reaches over columns is worked out row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa  # noqa: TC002 (polars and Arrow are loaded anyway)

from pipelines.blocks.arrays import arrow, numbers, places
from pipelines.blocks.block import Block
from pipelines.blocks.spent import Spent
from pipelines.conform.bound import RAW, Bound
from pipelines.conform.coordinates import half_pairs
from pipelines.conform.known import Known
from pipelines.conform.prepare import (
    BAD,
    Words,
    event_column,
    partition_of,
    standard_columns,
    typed,
    warnings_of,
)
from pipelines.conform.repeated import repeated_times
from pipelines.conform.typed import Typed, typed_of
from pipelines.conform.units import Unit, units_of
from quality.rules.contract_rules import contract_rules
from quality.rules.mask import broken
from schemas.contract import Contract

HASH = "#"
"""Prefix of the hashes of a key's columns."""
_TOGETHER = 20_000
"""Distinct texts up to which single columns share one plan, the shorter ones filled up."""


@dataclass(slots=True)
class Judged:
    """``columns``: standard columns, ``_date``, the partition and the key's hashes; ``bad``: which rows to refuse."""

    block: Block
    columns: dict[str, Typed]
    bad: np.ndarray
    warnings: pl.Series | None = None
    """Codes of the warnings of every row, where the contract has such rules."""


class Judge:
    """The work of one worker on blocks of a batch. ``key``: columns by which a row is the only one of its receipt."""

    def __init__(
        self, contract: Contract, bounds: Sequence[Bound], words: Words, key: Sequence[str], spent: Spent
    ) -> None:
        self.contract, self.words, self.key, self._spent = contract, words, key, spent
        self._units = units_of(contract, bounds, words)
        rules = [*contract_rules(contract, standard_columns(bounds), {}), *repeated_times(bounds)]
        self._errors = [rule.broken for rule in (*rules, *half_pairs(bounds)) if rule.severity == "error"]
        self._warned = [rule for rule in rules if rule.severity != "error"]
        self._known: dict[str, Known] = {}
        self._drifted = words.drifted

    def __call__(self, block: Block) -> Judged:
        """Work out a block."""
        bad = np.zeros(block.rows, np.bool_) if block.conflict is None else block.conflict.copy()
        refused = self._drifted.refused(block)
        judged = Judged(block, {}, bad if refused is None else bad | refused)
        with self._spent.on("typing"):
            self._over_texts(judged)
        with self._spent.on("rules"):
            self._over_rows(judged)
        return judged

    def _over_texts(self, judged: Judged) -> None:
        block = judged.block
        alone = [unit for unit in self._units if unit.alone and self._small(block, unit)]
        self._together(judged, alone)
        for unit in self._units:
            if unit not in alone:
                self._one(judged, unit)

    def _small(self, block: Block, unit: Unit) -> bool:
        return len(self._drifted.column(block, unit.fields[0]).values) <= _TOGETHER

    def _together(self, judged: Judged, units: Sequence[Unit]) -> None:
        """Units of one field each: texts that no block before has had are worked out in one frame for all of them."""
        fields = {unit.fields[0]: self._drifted.column(judged.block, unit.fields[0]) for unit in units}
        asked = {name: self._known.setdefault(name, Known()).ask(column.values) for name, column in fields.items()}
        self._learn(units, {name: new for name, (_, new) in asked.items() if len(new)})
        for unit in units:
            (name,) = unit.fields
            chosen, worked = arrow(asked[name][0]), self._known[name].worked[unit.name]
            self._keep(judged, unit, {part: array.take(chosen) for part, array in worked.items()}, fields[name].at)

    def _learn(self, units: Sequence[Unit], new: Mapping[str, pa.Array]) -> None:
        asked = [unit for unit in units if unit.fields[0] in new]
        if not asked:
            return
        frames = [_texts(name, texts) for name, texts in new.items()]
        worked = self._worked(pl.concat(frames, how="horizontal_extend"), asked)
        for name, texts in new.items():
            own = [unit for unit in asked if unit.fields == (name,)]
            parts = {unit.name: self._own(worked, unit, len(texts)) for unit in own}
            self._known[name].learn(texts, parts)

    def _one(self, judged: Judged, unit: Unit) -> None:
        """A unit of several fields: each distinct combination once."""
        inputs = [self._drifted.column(judged.block, name) for name in unit.fields]
        given = [judged.columns[name].distinct() for name in unit.given]
        parts = [(len(one.values), one.at) for one in inputs] + [(len(one.values), one.at) for one in given]
        chosen, at = combined(parts, judged.block.rows)
        frames = [
            _texts(name, column.values.take(arrow(place)))
            for name, column, place in zip(unit.fields, inputs, chosen, strict=False)
        ]
        frames += [
            pl.DataFrame({name: pl.Series(one.values.take(arrow(place)))})
            for name, one, place in zip(unit.given, given, chosen[len(inputs) :], strict=True)
        ]
        frame = pl.concat(frames, how="horizontal") if frames else pl.DataFrame({"_": [None]})
        self._keep(judged, unit, self._own(self._worked(frame, [unit]), unit, frame.height), at)

    def _worked(self, frame: pl.DataFrame, units: Sequence[Unit]) -> pl.DataFrame:
        bounds = [bound for unit in units for bound in unit.bounds]
        event = event_column(self.contract) in [bound.column for bound in bounds]
        worked, rules = typed(frame, self.contract, bounds, self.words, dated=event)
        flags = []
        for unit in units:
            own = {bound.column for bound in unit.bounds}
            flags.append(broken([rule for rule in rules if rule.field in own]).alias(_flag(unit)))
        hashes = [pl.col(name).hash().alias(HASH + name) for name in self.key if name in standard_columns(bounds)]
        made = [name for unit in units for name in self._made(unit)]
        return worked.with_columns(*flags, *hashes).select(*made, *(_flag(unit) for unit in units))

    def _made(self, unit: Unit) -> list[str]:
        """What a unit gives: its columns, the day where it is the event's, and the hashes of a key's columns."""
        mine = standard_columns(unit.bounds)
        if event_column(self.contract) in mine:
            mine += [name for name in ("_date", partition_of(self.contract)) if name]
        return mine + [HASH + name for name in self.key if name in mine]

    def _own(self, worked: pl.DataFrame, unit: Unit, rows: int) -> dict[str, pa.Array]:
        """What one unit gives, of the first ``rows``."""
        return typed_of(worked.select(*self._made(unit), pl.col(_flag(unit)).cast(pl.Int32)).head(rows))

    def _keep(self, judged: Judged, unit: Unit, worked: Mapping[str, pa.Array], at: np.ndarray) -> None:
        for name in self._made(unit):
            judged.columns[name] = Typed(worked[name], at)
        flags = numbers(worked[_flag(unit)]) != 0
        if flags.any():
            judged.bad |= flags.take(at)

    def _over_rows(self, judged: Judged) -> None:
        """Rules over several columns. In a row that no other rule refuses, every text has been understood."""
        if not self._errors and not self._warned:
            return
        exprs = [*self._errors, *(rule.broken for rule in self._warned)]
        names = dict.fromkeys(name for expr in exprs for name in expr.meta.root_names() if name in judged.columns)
        frame = pl.DataFrame([judged.columns[name].series().alias(name) for name in names])
        if self._errors:
            over = pl.any_horizontal(self._errors).fill_null(value=False).alias(BAD)
            judged.bad |= np.asarray(frame.select(over)[BAD])
        if self._warned:
            judged.warnings = frame.select(warnings_of(self._warned))["_warnings"]


def _texts(name: str, values: pa.Array) -> pl.DataFrame:
    return pl.DataFrame({RAW + name: pl.Series(values, dtype=pl.String)})


def _flag(unit: Unit) -> str:
    return f"{BAD}.{unit.name}"


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
