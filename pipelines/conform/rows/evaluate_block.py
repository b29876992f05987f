"""The conform pass over one block: every standard column, and which rows break a rule.

What depends on one text is evaluated once for each distinct text of the block, with the expressions of
:mod:`citylake.pipelines.conform.bind.conform_plan`; only what depends on several columns is evaluated row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
import pyarrow as pa  # noqa: TC002 (polars and Arrow are loaded anyway)

from citylake.pipelines.blocks.arrow_arrays import arrow_to_numpy, indices_to_numpy, null_mask, numpy_to_arrow
from citylake.pipelines.blocks.block import Block
from citylake.pipelines.blocks.timings import WorkTimings
from citylake.pipelines.conform.bind.absent_columns import absent_columns
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.conform_plan import (
    BAD_COLUMN,
    ConformVocabulary,
    add_typed_columns,
    partition_column_name,
    partition_time_column,
    standard_column_names,
    warning_codes,
)
from citylake.pipelines.conform.bind.coordinate_pairs import pair_rules
from citylake.pipelines.conform.bind.number_evidence import require_decided_styles
from citylake.pipelines.conform.bind.refused_values import (
    REFUSED_PREFIX,
    refusable_columns,
    refuse_by_row,
    refused_flags,
    refused_names,
)
from citylake.pipelines.conform.bind.repeated_times import repeated_time_rules
from citylake.pipelines.conform.bind.row_filters import filtered_rows
from citylake.pipelines.conform.decisions.decided_rows import DECISION
from citylake.pipelines.conform.rows.column_groups import ColumnGroup, column_groups
from citylake.pipelines.conform.rows.text_memo import TextMemo
from citylake.pipelines.conform.rows.text_observations import text_oddities
from citylake.pipelines.conform.rows.typed_column import TypedColumn, frame_to_arrays
from citylake.pipelines.lake.forgotten_tokens import are_forgotten
from citylake.quality.rules.contract_rules import contract_rules
from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import any_rule_broken
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.row_filter import field_filters
from citylake.schemas.read.contract_columns import REFUSED_COLUMN
from citylake.schemas.read.place_bounds import place_bounds

HASH_PREFIX = "#"
"""Prefix of the hashes of a key's columns."""
_SHARED_PLAN_TEXTS = 20_000
"""Distinct texts up to which single columns share one plan; shorter columns are padded."""


@dataclass(slots=True)
class EvaluatedBlock:
    """``columns``: standard columns as stored, ``_date``, partition, key hashes; ``bad``: which rows to refuse."""

    block: Block
    columns: dict[str, TypedColumn]
    bad: np.ndarray
    warnings: pl.Series | None = None
    """Codes of the warnings of every row, if the contract has such rules."""
    odd: dict[str, TypedColumn] = field(default_factory=dict)
    """By text column with odd texts, what is odd about them."""
    refused: pl.Series | None = None
    """The columns whose values were refused, joined by commas, if the block has such rows."""
    filtered: np.ndarray | None = None
    """Rows that are not written: of forgotten persons, and those that are not the dataset's, if it has a filter."""
    forgotten: int = 0
    """Rows of forgotten persons."""

    @property
    def good(self) -> np.ndarray:
        """The rows to write, unless their key is a duplicate."""
        return ~self.bad if self.filtered is None else ~(self.bad | self.filtered)


class BlockEvaluator:
    """One worker's evaluation of blocks. ``key``: the columns that identify a row within its receipt."""

    def __init__(
        self,
        contract: Contract,
        bounds: Sequence[BoundColumn],
        words: ConformVocabulary,
        key: Sequence[str],
        spent: WorkTimings,
    ) -> None:
        self.contract, self.words, self.key, self._spent = contract, words, key, spent
        self._units = column_groups(contract, bounds, words)
        self.text_fields = {unit.name: unit.bounds[0].fields for unit in self._units if unit.has_text}
        # Reshaped rows were filtered before.
        self._filters = {} if contract.reshape else field_filters(contract.where)
        self._bounds, self._values = tuple(bounds), refusable_columns(contract, bounds)
        absent = absent_columns(contract, bounds, words.registry)
        rules = contract_rules(contract, standard_column_names(bounds), refused_flags(self._values), absent)
        # The texts of reasons are made for refused rows only.
        self._declared = [replace(rule, value=None, detail=None) for rule in rules]
        self._pairs = pair_rules(bounds, place_bounds(contract, words.registry))
        self._repeated = repeated_time_rules(bounds)
        self._known: dict[str, TextMemo] = {}
        self._drifted = words.drifted

    def __call__(self, block: Block) -> EvaluatedBlock:
        """Evaluate a block."""
        bad = np.zeros(block.rows, np.bool_) if block.fault is None else block.fault != 0
        refused = self._drifted.refused(block)
        judged = EvaluatedBlock(block, {}, bad if refused is None else bad | refused)
        if DECISION in block.decided:
            # Looked at again, row by row: a person decided about few of them.
            judged.bad = judged.bad | ~null_mask(block.decided[DECISION].values)[block.decided[DECISION].at]
        with self._spent.on("typing"):
            self._over_texts(judged)
        with self._spent.on("rules"):
            self._over_rows(judged)
            if self._filters:
                judged.filtered = filtered_rows(block, self._filters)
                judged.bad &= ~judged.filtered
        with self._spent.on("typing"):
            self._protect(judged)
        return judged

    def _protect(self, judged: EvaluatedBlock) -> None:
        """After all rules, which judge the values themselves. Duplicates are found by the hashes of the values."""
        for name in self.words.protection.changes.keys() & judged.columns.keys():
            column = judged.columns[name]
            values = self.words.protection.series(name, pl.Series(name, column.values, dtype=pl.String))
            if self.words.forgotten:
                gone = are_forgotten(values, self.words.forgotten)
                self._forget(judged, gone.to_numpy()[column.at])
                # Nor may a file's dictionary have the token.
                values = values.set(gone, None)
            judged.columns[name] = TypedColumn(frame_to_arrays(values.to_frame(name))[name], column.at)

    def _forget(self, judged: EvaluatedBlock, gone: np.ndarray) -> None:
        """Drop rows, whatever else is wrong with them."""
        if gone.any():
            before = np.zeros(len(gone), np.bool_) if judged.filtered is None else judged.filtered
            judged.forgotten += int((gone & ~before).sum())
            judged.filtered, judged.bad = before | gone, judged.bad & ~gone

    def _over_texts(self, judged: EvaluatedBlock) -> None:
        block = judged.block
        alone = [unit for unit in self._units if unit.alone and self._small(block, unit)]
        self._together(judged, alone)
        for unit in self._units:
            if unit not in alone:
                self._one(judged, unit)

    def _small(self, block: Block, unit: ColumnGroup) -> bool:
        return len(self._drifted.column(block, unit.fields[0]).values) <= _SHARED_PLAN_TEXTS

    def _together(self, judged: EvaluatedBlock, units: Sequence[ColumnGroup]) -> None:
        """Units of one field each: texts that are new in this block are evaluated in one frame for all units."""
        fields = {unit.fields[0]: self._drifted.column(judged.block, unit.fields[0]) for unit in units}
        asked = {name: self._known.setdefault(name, TextMemo()).ask(column.values) for name, column in fields.items()}
        self._learn(units, {name: new for name, (_, new) in asked.items() if len(new)})
        for unit in units:
            (name,) = unit.fields
            chosen, worked = numpy_to_arrow(asked[name][0]), self._known[name].worked[unit.name]
            self._keep(judged, unit, {part: array.take(chosen) for part, array in worked.items()}, fields[name].at)

    def _learn(self, units: Sequence[ColumnGroup], new: Mapping[str, pa.Array]) -> None:
        asked = [unit for unit in units if unit.fields[0] in new]
        if not asked:
            return
        frames = [_text_frame(name, texts) for name, texts in new.items()]
        worked = self._worked(pl.concat(frames, how="horizontal_extend"), asked)
        for name, texts in new.items():
            own = [unit for unit in asked if unit.fields == (name,)]
            parts = {unit.name: self._own(worked, unit, len(texts)) for unit in own}
            self._known[name].learn(texts, parts)

    def _one(self, judged: EvaluatedBlock, unit: ColumnGroup) -> None:
        """A unit of several fields: each distinct combination is evaluated once."""
        inputs = [self._drifted.column(judged.block, name) for name in unit.fields]
        given = [judged.columns[name].distinct() for name in unit.given]
        parts = [(len(one.values), one.at) for one in inputs] + [(len(one.values), one.at) for one in given]
        chosen, at = combine_indices(parts, judged.block.rows)
        frames = [
            _text_frame(name, column.values.take(numpy_to_arrow(place)))
            for name, column, place in zip(unit.fields, inputs, chosen, strict=False)
        ]
        frames += [
            pl.DataFrame({name: pl.Series(one.values.take(numpy_to_arrow(place)))})
            for name, one, place in zip(unit.given, given, chosen[len(inputs) :], strict=True)
        ]
        frame = pl.concat(frames, how="horizontal") if frames else pl.DataFrame({"_": [None]})
        self._keep(judged, unit, self._own(self._worked(frame, [unit]), unit, frame.height), at)

    def _worked(self, frame: pl.DataFrame, units: Sequence[ColumnGroup]) -> pl.DataFrame:
        bounds = [bound for unit in units for bound in unit.bounds]
        event = partition_time_column(self.contract) in [bound.column for bound in bounds]
        worked, rules = add_typed_columns(frame, self.contract, bounds, self.words, dated=event)
        require_decided_styles(worked, bounds)
        flags = []
        for unit in units:
            own = {bound.column for bound in unit.bounds}
            # Rows with a warning about one text are looked at again, row by row; few have one.
            looked = [rule for rule in rules if rule.refuses_row or rule.severity == "warning"]
            flags.append(any_rule_broken([rule for rule in looked if rule.field in own]).alias(_bad_flag(unit)))
        hashes = [
            pl.col(name).hash().alias(HASH_PREFIX + name) for name in self.key if name in standard_column_names(bounds)
        ]
        flags += [text_oddities(unit.bounds[0]).alias(_odd_flag(unit)) for unit in units if unit.has_text]
        return worked.with_columns(*flags, *hashes).select(name for unit in units for name in self._all_made(unit))

    def _made(self, unit: ColumnGroup) -> list[str]:
        """The output of a unit: its columns, the day if it has the event's time, and the hashes of key columns."""
        mine = standard_column_names(unit.bounds)
        mine += [REFUSED_PREFIX + bound.column for bound in unit.bounds if bound.binding.refuse == "value"]
        if partition_time_column(self.contract) in mine:
            mine += [name for name in ("_date", partition_column_name(self.contract)) if name]
        return mine + [HASH_PREFIX + name for name in self.key if name in mine]

    def _all_made(self, unit: ColumnGroup) -> list[str]:
        """The same with the unit's flags."""
        return [*self._made(unit), _bad_flag(unit), *([_odd_flag(unit)] if unit.has_text else [])]

    def _own(self, worked: pl.DataFrame, unit: ColumnGroup, rows: int) -> dict[str, pa.Array]:
        """The output of one unit, for the first ``rows``."""
        columns = worked.select(self._all_made(unit)).head(rows)
        return frame_to_arrays(columns.with_columns(pl.col(_bad_flag(unit)).cast(pl.Int32)))

    def _keep(self, judged: EvaluatedBlock, unit: ColumnGroup, worked: Mapping[str, pa.Array], at: np.ndarray) -> None:
        for name in self._made(unit):
            judged.columns[name] = TypedColumn(worked[name], at)
        flags = arrow_to_numpy(worked[_bad_flag(unit)]) != 0
        if flags.any():
            judged.bad |= flags.take(at)
        if unit.has_text and arrow_to_numpy(worked[_odd_flag(unit)]).any():
            judged.odd[unit.name] = TypedColumn(worked[_odd_flag(unit)], at)

    def _over_rows(self, judged: EvaluatedBlock) -> None:
        """Rules over several columns. In a row that breaks no other rule, every text could be read or is refused."""
        rules = [*self._pairs, *self._declared, *self._repeated]
        if not rules and not self._values:
            return
        frame = self._row_frame(judged, rules)
        if self._values:
            frame, of_rows = refuse_by_row(frame, self._bounds, self._pairs, self._declared, self._values)
            rules = [*of_rows, *self._repeated]
            self._keep_refused(judged, frame)
        refusing = [rule for rule in rules if rule.refuses_row]
        if refusing:
            judged.bad |= np.asarray(frame.with_columns(any_rule_broken(refusing).alias(BAD_COLUMN))[BAD_COLUMN])
        if any(rule.severity != "error" for rule in rules):
            judged.warnings = frame.with_columns(warning_codes(rules))["_warnings"]

    def _row_frame(self, judged: EvaluatedBlock, rules: Sequence[RowRule]) -> pl.DataFrame:
        """The columns that rules over rows need, and what is known about values that are refused."""
        names = [name for rule in rules for name in (*rule.broken.meta.root_names(), *rule.refuses)]
        names += [REFUSED_PREFIX + column for column in self._values]
        names += [f"{column}_qualifier" for column in self._values]
        present = dict.fromkeys(name for name in names if name in judged.columns)
        if not present:
            # A rule over columns that the source lacks alone.
            return pl.DataFrame({"_": pl.Series([None], dtype=pl.Null).new_from_index(0, judged.block.rows)})
        return pl.DataFrame([judged.columns[name].series().alias(name) for name in present])

    def _keep_refused(self, judged: EvaluatedBlock, frame: pl.DataFrame) -> None:
        names = frame.select(refused_names(self._values))[REFUSED_COLUMN]
        if names.null_count() == len(names):
            return
        judged.refused = names
        for column in self._values:
            refused = frame[REFUSED_PREFIX + column].to_numpy()
            for name in (column, f"{column}_qualifier"):
                if name in judged.columns:
                    judged.columns[name] = judged.columns[name].without(refused)


def _text_frame(name: str, values: pa.Array) -> pl.DataFrame:
    return pl.DataFrame({RAW_PREFIX + name: pl.Series(values, dtype=pl.String)})


def _bad_flag(unit: ColumnGroup) -> str:
    return f"{BAD_COLUMN}.{unit.name}"


def _odd_flag(unit: ColumnGroup) -> str:
    return f"_odd.{unit.name}"


def combine_indices(parts: Sequence[tuple[int, np.ndarray]], rows: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The index (int32) of each part in every combination, and for every row the index of its combination.

    ``parts``: the number of values of each, and for every row the index of its value. All possible combinations if they
    are few, otherwise those that occur.
    """
    found_at: list[np.ndarray] = []
    total, code = 1, np.zeros(rows, np.int32)
    for size, at in parts:
        if total * size <= max(rows // 4, 1024):
            present, code = np.arange(total * size), (code * size + at).astype(np.int32)
        else:
            found = numpy_to_arrow(code.astype(np.int64) * size + at).dictionary_encode()
            present, code = arrow_to_numpy(found.dictionary), indices_to_numpy(found.indices, 0)
        found_at = [place[present // size] for place in found_at] + [(present % size).astype(np.int32)]
        total = len(present)
    return found_at, code
