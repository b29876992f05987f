"""Rules for texts that are no identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.identifier_texts import is_scientific
from citylake.pipelines.conform.bind.invisible_characters import escape_invisible, has_invisible
from citylake.pipelines.conform.bind.source_texts import source_text_expr
from citylake.quality.rules.row_rule import RowRule


def identifier_rules(bounds: Sequence[BoundColumn]) -> Iterator[RowRule]:
    """IDENTIFIER_SCIENTIFIC for every identifier, and INVISIBLE_REFUSED if the contract refuses such characters."""
    for bound in bounds:
        if not bound.holds_text or not bound.fields:
            continue
        if bound.identifies and not bound.codes:
            yield RowRule("IDENTIFIER_SCIENTIFIC", bound.column, is_scientific(pl.col(bound.text)))
        if bound.invisible == "refuse":
            source = source_text_expr(bound)
            broken = has_invisible(source, identifier=bound.identifies)
            yield RowRule("INVISIBLE_REFUSED", bound.column, broken, value=escape_invisible(source))
