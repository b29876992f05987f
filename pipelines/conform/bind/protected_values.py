"""What the standard table holds instead of direct identifiers: tokens, or the part of a value that a mask leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.token_texts import tokens_of
from citylake.pipelines.lake.token_key import TokenKey, load_token_key
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.column_protection import column_protection
from citylake.schemas.read.registry import Registry

STARS: Final = "***"
_LONG_NUMBER: Final = 11
_DIVISION_NAME: Final = r"[^省市区县旗\d]{1,8}"
_KEPT_DIVISIONS: Final = (
    rf"^((?:{_DIVISION_NAME}(?:省|自治区))?(?:{_DIVISION_NAME}(?:市|自治州|地区|盟))?"
    rf"(?:{_DIVISION_NAME}(?:区|县|市|旗))?)"
)
"""The divisions at the start of an address, down to the county."""
ValueChange = Callable[[pl.Series], pl.Series]


@dataclass(frozen=True, slots=True)
class ValueProtection:
    """By standard column, what replaces its values. Every value of one column is replaced alike, in every batch."""

    changes: Mapping[str, ValueChange] = field(default_factory=dict)

    def series(self, column: str, values: pl.Series) -> pl.Series:
        """What the standard table holds for the values of a column."""
        change = self.changes.get(column)
        return values if change is None else change(values)

    def expr(self, column: str) -> pl.Expr:
        """The same for a column of a plan."""
        change = self.changes.get(column)
        plain = pl.col(column)
        return plain if change is None else plain.map_batches(change, return_dtype=pl.String, is_elementwise=True)

    def frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with every protected column replaced."""
        return rows.with_columns(change(rows[name]).alias(name) for name, change in self.changes.items())


def value_protection(bounds: Iterable[BoundColumn], registry: Registry) -> ValueProtection:
    """The protection of a contract's columns. Raises KEY_UNSET or KEY_BROKEN if tokens are needed."""
    protected = [(bound, column_protection(bound.binding, bound.element)) for bound in bounds]
    key = load_token_key(registry) if any(each == "token" for _, each in protected) else None
    return ValueProtection(
        {
            bound.column: _change(bound.element, key if each == "token" else None)
            for bound, each in protected
            if each != "none"
        }
    )


def _change(element: DataElement, key: TokenKey | None) -> ValueChange:
    if key is not None:
        return partial(tokens_of, domain=element.id, key=key)
    return partial(masked_values, element=element)


def masked_values(values: pl.Series, element: DataElement) -> pl.Series:
    """The part of the values that anyone may read; the rest is stars, as many whatever its length.

    Of a name the first character; of a number of 11 characters or more the first three and the last four; of another
    text the divisions that it begins with, down to the county.
    """
    text = pl.col(values.name)
    if element.representation == "name":
        masked = text.str.slice(0, 1) + STARS
    elif element.representation == "number":
        ends = pl.concat_str(text.str.slice(0, 3), pl.lit("****"), text.str.slice(-4))
        masked = pl.when(text.str.len_chars() >= _LONG_NUMBER).then(ends).otherwise(pl.lit(STARS))
    else:
        masked = text.str.extract(_KEPT_DIVISIONS).fill_null("") + STARS
    return values.to_frame().select(pl.when(text.is_not_null()).then(masked).alias(values.name)).to_series()
