"""The connector ``socrata``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, SourceGuess
from citylake.pipelines.pull.connectors.socrata.socrata_source import SocrataSource
from citylake.pipelines.pull.state_types import ConnectorState, MomentText

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient


class UpdatedState(ConnectorState):
    """The time up to which changes are committed."""

    updated_at: MomentText


class SocrataConnector(Connector[SocrataSource]):
    """Rows of a dataset of a Socrata portal, page by page."""

    source_model = SocrataSource
    state_model = UpdatedState

    def fetches(self, source: SocrataSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`socrata_fetches`."""
        from citylake.pipelines.pull.connectors.socrata.fetch_socrata import socrata_fetches

        return socrata_fetches(source, pulling)

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """As :func:`probe_socrata`."""
        from citylake.pipelines.pull.connectors.socrata.probe_socrata import probe_socrata

        return probe_socrata(probe)
