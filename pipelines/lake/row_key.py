"""A row's key as JSON text: it identifies a quarantined row, which has no typed columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl


def key_text(key: Sequence[str], stored: Callable[[str], pl.Expr] = pl.col) -> pl.Expr:
    """Return the columns ``key`` as JSON (String); null if one of them is null or ``key`` is empty.

    ``stored``: the value of a column as the standard table holds it, if the frame has another one.
    """
    if not key:
        return pl.lit(None, pl.String)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    return pl.when(whole).then(pl.struct(stored(name).alias(name) for name in key).struct.json_encode())
