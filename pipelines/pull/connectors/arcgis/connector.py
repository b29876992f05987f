"""The connector ``arcgis``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, SourceGuess
from citylake.pipelines.pull.connectors.arcgis.arcgis_source import ArcgisSource
from citylake.pipelines.pull.state_types import ConnectorState

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient


class EditedState(ConnectorState):
    """The time of the last change that is committed, ms since 1970-01-01 UTC."""

    edited_ms: int


class ArcgisConnector(Connector[ArcgisSource]):
    """Features of a layer of an ArcGIS FeatureServer or MapServer."""

    source_model = ArcgisSource
    state_model = EditedState

    def fetches(self, source: ArcgisSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`arcgis_fetches`."""
        from citylake.pipelines.pull.connectors.arcgis.fetch_arcgis import arcgis_fetches

        return arcgis_fetches(source, pulling)

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """As :func:`probe_arcgis`."""
        from citylake.pipelines.pull.connectors.arcgis.probe_arcgis import probe_arcgis

        return probe_arcgis(probe)
