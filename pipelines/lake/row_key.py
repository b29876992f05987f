"""A row's key as one text: how a refused row, which has no typed columns, says which record it is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def key_text(key: Sequence[str]) -> pl.Expr:
    """The columns ``key`` as JSON (String); null where one of them has no value, or there is no key."""
    if not key:
        return pl.lit(None, pl.String)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    return pl.when(whole).then(pl.struct(key).struct.json_encode())
