"""Front-end databases (前置库): marks exactly the rows that were read as taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from citylake.pipelines.pull.connectors.database.database_session import (
    DatabaseValue,
    database_source_label,
    open_database,
)
from citylake.pipelines.pull.connectors.database.select_query import SelectQuery, build_select
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource


def filter_pending_rows(ask: SelectQuery) -> None:
    """Only rows that are waiting."""
    exchange = ask.source.exchange
    assert exchange
    ask.compare(exchange.taken, "=", "waiting", DatabaseValue(ask.kinds[exchange.taken], exchange.waiting))


def exchange_state(
    rows: int, text: str, batch: DatabaseValue | None, moment: DatabaseValue | None
) -> dict[str, Any] | None:
    """What :func:`mark_rows_taken` needs of a pull, of constant size; None if nothing was read."""
    if not rows:
        return None
    told = {"rows": rows, "hash": text, "batch": batch, "time": moment}
    return {name: list(value) if isinstance(value, DatabaseValue) else value for name, value in told.items()}


def mark_rows_taken(source: DatabaseSource, state: Mapping[str, Any]) -> None:
    """Mark the rows that a pull read if the waiting rows are still the same; else mark none.

    Rows that came later have a higher batch number or time. One that came late under an earlier time, or was changed
    or withdrawn meanwhile, changes the fingerprint. Raises EXCHANGE_MOVED with both numbers: nothing is marked, so the
    next pull reads all of them again.
    """
    from citylake.pipelines.pull.connectors.database.rows_fingerprint import RowsFingerprint

    exchange = source.exchange
    assert exchange
    with open_database(source, writing=True) as opened:
        ask = build_select(opened, source)
        filter_pending_rows(ask)
        for name, column in (("batch", exchange.batch), ("time", exchange.time)):
            if column and state[name]:
                ask.compare(column, "<=", name, DatabaseValue(*state[name]), absent=True)
        found = RowsFingerprint()
        for _ in found.over(opened.stream(ask.select(ordered=False) + opened.lock())):
            pass
        # Nothing is waiting if an earlier attempt has marked the rows already.
        if found.rows and (found.rows, found.text) != (state["rows"], state["hash"]):
            raise CitylakeError(
                "EXCHANGE_MOVED", source=database_source_label(source), read=state["rows"], waiting=found.rows
            )
        if found.rows and (marked := _mark_pending(ask)) != found.rows:
            raise CitylakeError("EXCHANGE_MOVED", source=database_source_label(source), read=found.rows, waiting=marked)


def _mark_pending(ask: SelectQuery) -> int:
    exchange = ask.source.exchange
    assert exchange
    taken = ask.session.quoted_column(exchange.taken)
    _, done = ask.session.bound("done", DatabaseValue(ask.kinds[exchange.taken], exchange.done), exchange.taken)
    met = " AND ".join(f"({condition}\n)" for condition in ask.conditions)
    return ask.session.change(f"UPDATE {ask.relation} SET {taken} = {done} WHERE {met}")
