"""The connector ``ngsi_ld``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, SourceGuess
from citylake.pipelines.pull.connectors.ngsi_ld.ngsi_ld_source import NgsiLdSource

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient


class NgsiLdConnector(Connector[NgsiLdSource]):
    """Entities of an NGSI-LD or NGSIv2 context broker, page by page."""

    source_model = NgsiLdSource

    def fetches(self, source: NgsiLdSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`ngsi_ld_fetches`."""
        from citylake.pipelines.pull.connectors.ngsi_ld.fetch_ngsi_ld import ngsi_ld_fetches

        return ngsi_ld_fetches(source, pulling)

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """As :func:`probe_ngsi_ld`."""
        from citylake.pipelines.pull.connectors.ngsi_ld.probe_ngsi_ld import probe_ngsi_ld

        return probe_ngsi_ld(probe)
