"""``database``: the rows of a table or query, read in one transaction, as Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from citylake.pipelines.pull.connector_api import (
    Fetch,
    FetchProgress,
    LandedPart,
    NotModifiedError,
    PullContext,
    PullState,
)
from citylake.pipelines.pull.connectors.database.database_session import (
    DatabaseValue,
    database_source_label,
    open_database,
)
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.connectors.database.exchange_table import exchange_state, filter_pending_rows
from citylake.pipelines.pull.connectors.database.select_query import SelectQuery, build_select, describe_select
from citylake.pipelines.pull.connectors.database.text_watermark import check_watermark
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.words.errors import CitylakeError


def database_fetches(source: DatabaseSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the table."""
    name = source.table or "query"
    parts = partial(_fetch_rows, source, pulling, name)
    yield Fetch(database_source_label(source), name, parts, "count", (describe_select(source, pulling.state(name)),))


def _fetch_rows(source: DatabaseSource, pulling: PullContext, name: str, tally: FetchProgress) -> Iterator[LandedPart]:
    try:
        with open_database(source) as opened:
            ask = build_select(opened, source)
            measured = _measure_rows(ask, pulling.state(name), tally)
            # If rows come only once, no rows are the ordinary case between two deliveries.
            if not tally.declared and source.repeats and pulling.committed(name):
                raise NotModifiedError
            yield from _land_rows(ask, measured, tally)
    except CitylakeError as error:
        raise _enrich_error(source, error, tally) from None


def _measure_rows(ask: SelectQuery, state: PullState, tally: FetchProgress) -> list[DatabaseValue | None]:
    """Restrict the query to what an earlier pull left, count the rows, and return the highest values for the state."""
    incremental, exchange = ask.source.incremental, ask.source.exchange
    if exchange:
        filter_pending_rows(ask)
        tally.declared, highest = ask.measure(exchange.batch, exchange.time)
    else:
        ask.since(state)
        tally.declared, highest = ask.measure(incremental.column if incremental else None, past=True)
        if incremental and highest[0]:
            check_watermark(ask.source, incremental.column, highest[0])
        tally.state = state if incremental and state else None
    return highest


def _land_rows(ask: SelectQuery, highest: Sequence[DatabaseValue | None], tally: FetchProgress) -> Iterator[LandedPart]:
    from citylake.pipelines.pull.connectors.database.parquet_parts import write_parquet_parts
    from citylake.pipelines.pull.connectors.database.rows_fingerprint import RowsFingerprint

    found, incremental = RowsFingerprint(), ask.source.incremental
    batches = ask.session.stream(ask.select())
    yield from write_parquet_parts(
        found.over(batches) if ask.source.exchange else batches, ask.source.rows_per_file, tally
    )
    if ask.source.exchange:
        tally.state = exchange_state(found.rows, found.text, *highest)
    elif incremental and highest[0]:
        tally.state = {"column": incremental.column, "type": highest[0].kind, "since": highest[0].text}


def _enrich_error(source: DatabaseSource, error: CitylakeError, tally: FetchProgress) -> CitylakeError:
    """The fault with more details: the number of received rows, or the nearest table names."""
    values: Mapping[str, Any] = error.values
    if error.code == "DATABASE_BROKE_OFF":
        values = {**values, "declared": _count_text(tally.declared), "stored": _count_text(tally.stored)}
    if error.code == "DATABASE_NO_TABLE" and source.table:
        with open_database(source) as opened:
            values = {**values, "suggestion": ", ".join(nearest_words(source.table, opened.tables())) or "—"}
    return CitylakeError(error.code, **values)


def _count_text(count: int | None) -> int | str:
    return "—" if count is None else count
