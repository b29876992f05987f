"""The connector ``gtfs``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext
from citylake.pipelines.pull.connectors.gtfs.gtfs_source import GtfsSource
from citylake.pipelines.pull.state_types import DocumentState


class GtfsConnector(Connector[GtfsSource]):
    """A GTFS zip at a stable address."""

    source_model = GtfsSource
    state_model = DocumentState

    def fetches(self, source: GtfsSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`gtfs_fetches`."""
        from citylake.pipelines.pull.connectors.gtfs.fetch_gtfs import gtfs_fetches

        return gtfs_fetches(source, pulling)
