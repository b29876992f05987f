"""The connector ``database``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, PullState
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.state_types import ConnectorState


class RowsState(ConnectorState):
    """A watermark, or the rows of a front-end database that are still to be marked."""

    column: str | None = None
    type: str | None = None
    since: str | int | float | None = None
    rows: int | None = None
    hash: str | None = None
    batch: list[str] | None = None
    time: list[str] | None = None


class DatabaseConnector(Connector[DatabaseSource]):
    """Rows of a table or a query, read in one transaction."""

    source_model = DatabaseSource
    state_model = RowsState

    def fetches(self, source: DatabaseSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`database_fetches`."""
        from citylake.pipelines.pull.connectors.database.fetch_database import database_fetches

        return database_fetches(source, pulling)

    def settle(self, source: DatabaseSource, pulling: PullContext, state: PullState) -> None:
        """Mark the committed rows of a front-end database; raises EXCHANGE_MOVED if other rows are waiting there."""
        from citylake.pipelines.pull.connectors.database.exchange_table import mark_rows_taken

        if source.exchange:
            mark_rows_taken(source, state)
