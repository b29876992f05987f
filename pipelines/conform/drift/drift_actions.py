"""What the pass does about columns and values that differ from the contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from citylake.pipelines.blocks.block import Block, EncodedColumn
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class DriftActions:
    """``absent``: missing bound fields that are read as empty. ``gone``: missing fields for which all rows are refused.

    ``unknown``: unbound fields in which a value causes its row to be refused. ``known``: by column, the known
    categories; any other causes its row to be refused.
    """

    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    known: Mapping[str, Collection[str]] = field(default_factory=dict)

    def column(self, block: Block, name: str) -> EncodedColumn:
        """A source field of a block, empty if it is absent."""
        return EncodedColumn.constant(None, block.rows) if name in self.absent else block.columns[name]

    def refused(self, block: Block) -> np.ndarray | None:
        """Which rows of a block are refused because of its fields; None if nothing is checked."""
        if self.gone:
            return np.ones(block.rows, np.bool_)
        if not self.unknown:
            return None
        refused = np.zeros(block.rows, np.bool_)
        for name in self.unknown:
            refused |= _has_text_mask(block.columns[name])
        return refused

    def filled(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of text with the absent fields."""
        return rows.with_columns(pl.lit(None, pl.String).alias(RAW_PREFIX + name) for name in self.absent)

    def rules(self) -> list[RowRule]:
        """The same as :meth:`refused`, with the reason."""
        every = pl.col("_row").is_not_null()
        gone = [RowRule("FIELD_GONE", name, every, by_source=True) for name in self.gone]
        unknown = [
            RowRule("FIELD_UNKNOWN", name, _has_text_expr(name), value=pl.col(RAW_PREFIX + name), by_source=True)
            for name in self.unknown
        ]
        return [*gone, *unknown]

    def unseen(self, bounds: Sequence[BoundColumn]) -> list[RowRule]:
        """The rules on categories, which depend on the text of one column."""
        return [
            RowRule(
                "CATEGORY_UNSEEN",
                bound.column,
                _unseen_category(bound, self.known[bound.column]),
                detail=pl.col(bound.column),
            )
            for bound in bounds
            if bound.column in self.known
        ]


def accepted_categories(contract: Contract, had: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """The known categories, if the contract quarantines rows with others; otherwise empty."""
    if contract.drift.categories != "quarantine":
        return {}
    accepted = contract.drift.accept
    return {column: frozenset((*values, *accepted.get(column, ()))) for column, values in had.items() if values}


def _has_text_mask(column: EncodedColumn) -> np.ndarray:
    """Which rows have a text that is not blank."""
    blank = pl.Series(column.values, dtype=pl.String).str.strip_chars().fill_null("") == ""
    return np.asarray(~blank).take(column.at)


def _has_text_expr(name: str) -> pl.Expr:
    return pl.col(RAW_PREFIX + name).str.strip_chars().fill_null("") != ""


def _unseen_category(bound: BoundColumn, known: Collection[str]) -> pl.Expr:
    seen = pl.Series(sorted(known), dtype=pl.String)
    value = pl.col(bound.column)
    if bound.binding.separator:
        return value.str.split(",").list.eval(~pl.element().is_in(seen.implode())).list.any()
    return ~value.is_in(seen.implode())
