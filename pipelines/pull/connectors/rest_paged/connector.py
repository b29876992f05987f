"""The connector ``rest_paged``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext
from citylake.pipelines.pull.connectors.rest_paged.rest_paged_source import RestPagedSource


class RestPagedConnector(Connector[RestPagedSource]):
    """Any JSON service that answers page by page."""

    source_model = RestPagedSource

    def fetches(self, source: RestPagedSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`rest_paged_fetches`."""
        from citylake.pipelines.pull.connectors.rest_paged.fetch_rest_paged import rest_paged_fetches

        return rest_paged_fetches(source, pulling)
