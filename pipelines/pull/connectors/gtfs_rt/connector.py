"""The connector ``gtfs_rt``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext
from citylake.pipelines.pull.connectors.gtfs_rt.gtfs_rt_source import GtfsRtSource
from citylake.pipelines.pull.state_types import DocumentState


class FeedState(DocumentState):
    """The validators of the message, and its time stamp."""

    stamp: str | None = None


class GtfsRtConnector(Connector[GtfsRtSource]):
    """The present state of a transit system: one GTFS-Realtime message a pull."""

    source_model = GtfsRtSource
    state_model = FeedState

    def fetches(self, source: GtfsRtSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`gtfs_rt_fetches`."""
        from citylake.pipelines.pull.connectors.gtfs_rt.fetch_gtfs_rt import gtfs_rt_fetches

        return gtfs_rt_fetches(source, pulling)
