"""Identifiers of records: normalised, with the check digit tested. One that fails its test never links."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citylake.quality.rules.check_digits import has_check_digit
from citylake.schemas.model.element import CheckDigit, DataElement
from citylake.schemas.model.entity import IdentifierPart

_ORGANISATION = (8, 9)
"""Offset and length of the organisation code in a unified social credit identifier (GB 32100-2015)."""


@dataclass(frozen=True, slots=True)
class IdentifierValues:
    """Identifiers of one column. ``space``: within which they are compared. ``value``: null where there is none.

    ``checked``: they have a check digit, and two records with different ones are different things.
    """

    space: str
    checked: bool
    value: pl.Expr


def identifier_values(part: IdentifierPart, element: DataElement) -> list[IdentifierValues]:
    """The identifiers in a String column; those with a wrong check digit are null.

    A credit code also gives the organisation code in it, by which old and new codes of one organisation agree.
    """
    check = part.check or element.check_digit
    bare = pl.col(part.column).str.to_uppercase().str.replace_all(r"[\s\-－—]", "").str.slice(part.skip)
    if check is None:
        return [IdentifierValues(element.id, checked=False, value=pl.when(bare != "").then(bare))]
    right = IdentifierValues(check, checked=True, value=_right(check, bare))
    if check != "uscc":
        return [right]
    inner = _right("organisation_code", right.value.str.slice(*_ORGANISATION))
    return [right, IdentifierValues("organisation_code", checked=True, value=inner)]


def _right(check: CheckDigit, value: pl.Expr) -> pl.Expr:
    return pl.when(has_check_digit(check, value)).then(value)
