"""The connector ``datex2``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext
from citylake.pipelines.pull.connectors.datex2.datex2_source import Datex2Source
from citylake.pipelines.pull.state_types import ConnectorState, DocumentState


class DocumentPairState(ConnectorState):
    """The validators of both documents, and the publication time."""

    measured: DocumentState = DocumentState()
    site_table: DocumentState = DocumentState()
    stamp: str | None = None


class Datex2Connector(Connector[Datex2Source]):
    """A snapshot of DATEX II measured data, with its measurement site table."""

    source_model = Datex2Source
    state_model = DocumentPairState

    def fetches(self, source: Datex2Source, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`datex2_fetches`."""
        from citylake.pipelines.pull.connectors.datex2.fetch_datex2 import datex2_fetches

        return datex2_fetches(source, pulling)
