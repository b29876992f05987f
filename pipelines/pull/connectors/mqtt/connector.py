"""The connector ``mqtt``: what a contract may say of it, what it keeps, and where its code is."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Connector, Fetch, PullContext, PullState
from citylake.pipelines.pull.connectors.mqtt.mqtt_source import MqttSource
from citylake.pipelines.pull.state_types import ConnectorState


class SessionState(ConnectorState):
    """How many messages a pull took, and the SHA-256 of them in their order."""

    messages: int | None = None
    digest: str | None = None


class MqttConnector(Connector[MqttSource]):
    """The messages that a broker holds for a session."""

    source_model = MqttSource
    state_model = SessionState

    def fetches(self, source: MqttSource, pulling: PullContext) -> Iterator[Fetch]:
        """As :func:`mqtt_fetches`."""
        from citylake.pipelines.pull.connectors.mqtt.fetch_mqtt import mqtt_fetches

        return mqtt_fetches(source, pulling)

    def settle(self, source: MqttSource, pulling: PullContext, state: PullState) -> None:
        """Acknowledge the committed messages; raises MQTT_SESSION_MOVED if the broker holds others."""
        from citylake.pipelines.pull.connectors.mqtt.settle_mqtt import acknowledge_messages
        from citylake.pipelines.pull.optional_libraries import require_libraries

        with require_libraries(source.url):
            acknowledge_messages(source, state)
