"""ISO 8601 intervals, ``a/b``: their two ends as columns of their own."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.parse.read_request import ReadRequest


def split_intervals(given: ReadRequest, batch: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """``batch`` with ``<column>.start`` and ``.end`` of every one of ``columns`` that it has; an instant is both.

    Whether an end is a time is not judged here: what is bound to it is, row by row. Raises JSON_COLUMN_CLASH where the
    record has a member of that name.
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
