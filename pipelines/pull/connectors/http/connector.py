"""The connector ``http``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext
from citylake.pipelines.pull.connectors.http.http_source import HttpSource
from citylake.pipelines.pull.state_types import DocumentState


class HttpConnector(Connector[HttpSource]):
    """One file or document by GET."""

    source_model = HttpSource
    state_model = DocumentState

    def fetches(self, source: HttpSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`http_fetches`."""
        from citylake.pipelines.pull.connectors.http.fetch_http import http_fetches

        return http_fetches(source, pulling)
