"""ISO 8601 intervals, ``a/b``: start and end as columns of their own."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.parse.read_request import ReadRequest


def split_intervals(given: ReadRequest, batch: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """``batch`` with ``<column>.start`` and ``.end`` for each of ``columns`` that it has; an instant is both.

    Start and end are not checked here; the bindings of these columns do so. Raises JSON_COLUMN_CLASH if the record
    has a member of that name.
    """
    for column in columns:
        if column not in batch.columns:
            continue
        ends = {f"{column}.start": r"^([^/]*)", f"{column}.end": r"([^/]*)$"}
        _refuse_clash(given, batch, ends)
        batch = batch.with_columns(pl.col(column).str.extract(ends[name], 1).alias(name) for name in ends)
    return batch


def _refuse_clash(given: ReadRequest, batch: pl.DataFrame, names: dict[str, str]) -> None:
    for name in names:
        if name in batch.columns:
            row = batch.filter(pl.col(name).is_not_null()).head(1)["_row"]
            raise given.fault("JSON_COLUMN_CLASH", row=row.item() if len(row) else 1, column=name)
