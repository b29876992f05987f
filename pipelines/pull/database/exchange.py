"""A front-end database (前置库): which rows were read, and marking exactly those as taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipelines.pull.database.question import Question, question
from pipelines.pull.database.session import Value, session, shown
from schemas.faults import CitylakeError

if TYPE_CHECKING:
    from schemas.source import DatabaseSource


def waiting(ask: Question) -> None:
    """Only rows that wait to be taken."""
    exchange = ask.source.exchange
    assert exchange
    ask.compare(exchange.taken, "=", "waiting", Value(ask.kinds[exchange.taken], exchange.waiting))


def remembered(rows: int, text: str, batch: Value | None, moment: Value | None) -> dict[str, Any] | None:
    """What :func:`mark` needs of a pull: small, whatever the number of rows. None where nothing was read."""
    if not rows:
        return None
    told = {"rows": rows, "hash": text, "batch": batch, "time": moment}
    return {name: list(value) if isinstance(value, Value) else value for name, value in told.items()}


def mark(source: DatabaseSource, state: Mapping[str, Any]) -> None:
    """Mark the rows that a pull read, if they are still the rows that wait; else none of them.

    Rows that came later have a higher batch number or time. One that came late under an earlier time, or was changed
    or withdrawn meanwhile, changes the fingerprint. Raises EXCHANGE_MOVED with both numbers: nothing is marked, so the
    next pull reads all of them again.
    """
    from pipelines.pull.database.fingerprint import Fingerprint

    exchange = source.exchange
    assert exchange
    with session(source, writing=True) as opened:
        ask = question(opened, source)
        waiting(ask)
        for name, column in (("batch", exchange.batch), ("time", exchange.time)):
            if column and state[name]:
                ask.compare(column, "<=", name, Value(*state[name]), absent=True)
        found = Fingerprint()
        for _ in found.over(opened.stream(ask.select(ordered=False) + opened.lock())):
            pass
        # Nothing waits where an earlier attempt has marked them already.
        if found.rows and (found.rows, found.text) != (state["rows"], state["hash"]):
            raise CitylakeError("EXCHANGE_MOVED", source=shown(source), read=state["rows"], waiting=found.rows)
        if found.rows and (marked := _marked(ask)) != found.rows:
            raise CitylakeError("EXCHANGE_MOVED", source=shown(source), read=found.rows, waiting=marked)


def _marked(ask: Question) -> int:
    exchange = ask.source.exchange
    assert exchange
    taken = ask.session.quoted_column(exchange.taken)
    _, done = ask.session.bound("done", Value(ask.kinds[exchange.taken], exchange.done), exchange.taken)
    met = " AND ".join(f"({condition}\n)" for condition in ask.conditions)
    return ask.session.change(f"UPDATE {ask.relation} SET {taken} = {done} WHERE {met}")
