"""``mqtt``: once messages are committed, they are acknowledged, and exactly they."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from citylake.pipelines.pull.connectors.mqtt.mqtt_session import (
    MessagesDigest,
    MqttSession,
    message_line,
    open_session,
)
from citylake.pipelines.pull.connectors.mqtt.mqtt_source import MqttSource
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage


def acknowledge_messages(source: MqttSource, state: Mapping[str, Any]) -> None:
    """Acknowledge the messages of a pull, which the broker delivers again in their order.

    A broker marks what it has sent before. If there is no such message, an earlier attempt has acknowledged all. If the
    first ones are not those of the pull, none is acknowledged: raises MQTT_SESSION_MOVED, and the next pull reads them
    again.
    """
    with open_session(source) as session:
        again, found = _delivered_again(session, state["messages"])
        if again and (found.messages, found.digest) != (state["messages"], state["digest"]):
            raise CitylakeError("MQTT_SESSION_MOVED", source=source.url, read=state["messages"], waiting=found.messages)
        session.acknowledge(again)


def _delivered_again(session: MqttSession, most: int) -> tuple[list[MQTTMessage], MessagesDigest]:
    again, found = [], MessagesDigest()
    for message in takewhile(lambda message: message.dup, session.messages()):
        again.append(message)
        found.add(message_line(message))
        if found.messages == most:
            break
    return again, found
