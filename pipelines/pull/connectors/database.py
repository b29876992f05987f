"""``database``: the rows of a table or query, read in one transaction, as Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pipelines.pull.connector import Fetch, NotModifiedError, Part, Pulling, State, Tally
from pipelines.pull.database.exchange import mark, remembered, waiting
from pipelines.pull.database.question import Question, asked, question
from pipelines.pull.database.session import Value, session, shown
from schemas.faults import CitylakeError
from schemas.nearest import nearest_words
from schemas.source import DatabaseSource


def fetches(source: DatabaseSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the table."""
    name = source.table or "query"
    parts = partial(_parts, source, pulling, name)
    yield Fetch(shown(source), name, parts, "count", (asked(source, pulling.state(name)),))


def settle(source: DatabaseSource, pulling: Pulling, state: State) -> None:
    """Mark what was taken from a front-end database; raises EXCHANGE_MOVED where that is not what waits there."""
    if source.exchange:
        mark(source, state)


def _parts(source: DatabaseSource, pulling: Pulling, name: str, tally: Tally) -> Iterator[Part]:
    try:
        with session(source) as opened:
            ask = question(opened, source)
            measured = _measured(ask, pulling.state(name), tally)
            # Where rows come once, none at all is the ordinary case between two deliveries.
            if not tally.declared and source.repeats and pulling.committed(name):
                raise NotModifiedError
            yield from _landed(ask, measured, tally)
    except CitylakeError as error:
        raise _told(source, error, tally) from None


def _measured(ask: Question, state: State, tally: Tally) -> list[Value | None]:
    """Narrow the question to what an earlier pull left, and count it; the highest values by which that is known."""
    incremental, exchange = ask.source.incremental, ask.source.exchange
    if exchange:
        waiting(ask)
        tally.declared, highest = ask.measure(exchange.batch, exchange.time)
    else:
        ask.since(state)
        tally.declared, highest = ask.measure(incremental.column if incremental else None, past=True)
        tally.state = state if incremental and state else None
    return highest


def _landed(ask: Question, highest: Sequence[Value | None], tally: Tally) -> Iterator[Part]:
    from pipelines.pull.database.fingerprint import Fingerprint
    from pipelines.pull.database.parquet_parts import landed

    found, incremental = Fingerprint(), ask.source.incremental
    batches = ask.session.stream(ask.select())
    yield from landed(found.over(batches) if ask.source.exchange else batches, ask.source.rows_per_file, tally)
    if ask.source.exchange:
        tally.state = remembered(found.rows, found.text, *highest)
    elif incremental and highest[0]:
        tally.state = {"column": incremental.column, "type": highest[0].kind, "since": highest[0].text}


def _told(source: DatabaseSource, error: CitylakeError, tally: Tally) -> CitylakeError:
    """The fault with what is known by now: how much had come, or which table may have been meant."""
    values: Mapping[str, Any] = error.values
    if error.code == "DATABASE_BROKE_OFF":
        values = {**values, "declared": _number(tally.declared), "stored": _number(tally.stored)}
    if error.code == "DATABASE_NO_TABLE" and source.table:
        with session(source) as opened:
            values = {**values, "suggestion": ", ".join(nearest_words(source.table, opened.tables())) or "—"}
    return CitylakeError(error.code, **values)


def _number(count: int | None) -> int | str:
    return "—" if count is None else count
