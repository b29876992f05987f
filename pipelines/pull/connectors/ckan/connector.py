"""The connector ``ckan``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, SourceGuess
from citylake.pipelines.pull.connectors.ckan.ckan_source import CkanSource
from citylake.pipelines.pull.state_types import ConnectorState

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient


class LastRowState(ConnectorState):
    """The last row that is committed, and the digest of its content."""

    id: int | str = Field(alias="_id")
    row: str


class CkanConnector(Connector[CkanSource]):
    """A resource of a CKAN portal: its table in the datastore, or its file."""

    source_model = CkanSource
    state_model = LastRowState

    def fetches(self, source: CkanSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`ckan_fetches`."""
        from citylake.pipelines.pull.connectors.ckan.fetch_ckan import ckan_fetches

        return ckan_fetches(source, pulling)

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """As :func:`probe_ckan`."""
        from citylake.pipelines.pull.connectors.ckan.probe_ckan import probe_ckan

        return probe_ckan(probe)
