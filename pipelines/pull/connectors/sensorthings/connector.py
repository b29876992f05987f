"""The connector ``sensorthings``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, SourceGuess
from citylake.pipelines.pull.connectors.sensorthings.sensorthings_source import SensorthingsSource
from citylake.pipelines.pull.state_types import ConnectorState, InstantText

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient


class LatestState(ConnectorState):
    """The time of the last observation, by Datastream."""

    latest: dict[str, InstantText]


class SensorthingsConnector(Connector[SensorthingsSource]):
    """Observations of OGC SensorThings Datastreams (OGC 18-088), page by page."""

    source_model = SensorthingsSource
    state_model = LatestState

    def fetches(self, source: SensorthingsSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`sensorthings_fetches`."""
        from citylake.pipelines.pull.connectors.sensorthings.fetch_sensorthings import sensorthings_fetches

        return sensorthings_fetches(source, pulling)

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """As :func:`probe_sensorthings`."""
        from citylake.pipelines.pull.connectors.sensorthings.probe_sensorthings import probe_sensorthings

        return probe_sensorthings(probe)
