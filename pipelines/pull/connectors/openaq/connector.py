"""The connector ``openaq``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, SourceGuess
from citylake.pipelines.pull.connectors.openaq.openaq_source import OpenaqSource
from citylake.pipelines.pull.state_types import ConnectorState, InstantText

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient


class PeriodEndState(ConnectorState):
    """The end of the last period that is committed."""

    end: InstantText


class OpenaqConnector(Connector[OpenaqSource]):
    """One resource of OpenAQ v3: a time series of sensors, or a register."""

    source_model = OpenaqSource
    state_model = PeriodEndState

    def fetches(self, source: OpenaqSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`openaq_fetches`."""
        from citylake.pipelines.pull.connectors.openaq.fetch_openaq import openaq_fetches

        return openaq_fetches(source, pulling)

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """As :func:`probe_openaq`."""
        from citylake.pipelines.pull.connectors.openaq.probe_openaq import probe_openaq

        return probe_openaq(probe)
