"""The divisions of a column of addresses: each distinct address is located once a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from citylake.pipelines.address.locate_address import AddressLocator

_ANSWER = {"code": pl.String, "state": pl.String, "evidence": pl.String}


def located_division(address: pl.Expr, on: pl.Expr | date, locator: AddressLocator) -> pl.Expr:
    """A struct for each row: ``code`` (null unless located), ``state`` and ``evidence`` (``street 清波街道``).

    ``on`` is a day for all rows or a column of dates. Null where the address or the day is null.
    """
    day = pl.lit(on) if isinstance(on, date) else on
    return pl.struct(address.alias("address"), day.alias("day")).map_batches(
        lambda rows: _answers(rows, locator), return_dtype=pl.Struct(_ANSWER)
    )


def _answers(rows: pl.Series, locator: AddressLocator) -> pl.Series:
    asked = rows.struct.unnest()
    distinct = asked.drop_nulls().unique()
    answers = [_answer(locator, address, day) for address, day in distinct.iter_rows()]
    known = distinct.with_columns(pl.Series("answer", answers, dtype=pl.Struct(_ANSWER)))
    return asked.join(known, on=["address", "day"], how="left", maintain_order="left")["answer"]


def _answer(locator: AddressLocator, address: str, day: date) -> dict[str, str | None]:
    found = locator.locate(address, day)
    evidence = "; ".join(f"{clue.kind} {clue.name}" for clue in found.evidence)
    return {"code": found.code, "state": found.state, "evidence": evidence or None}
