"""``mqtt``: a pull takes what the broker holds for the session, and acknowledges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from citylake.pipelines.pull.connector_api import (
    Fetch,
    FetchProgress,
    LandedPart,
    NotModifiedError,
    PullContext,
    SourceNotReadyError,
)
from citylake.pipelines.pull.connectors.mqtt.mqtt_session import (
    MessagesDigest,
    MqttSession,
    message_line,
    open_session,
)
from citylake.pipelines.pull.connectors.mqtt.mqtt_source import MqttSource
from citylake.schemas.words.errors import Problem

_FILE = "messages.jsonl"


def mqtt_fetches(source: MqttSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the session."""
    asked = f"{source.url} {source.client_id} {' '.join(source.topics)}"
    yield Fetch(source.url, source.client_id, partial(_take_messages, source, pulling), "session", (asked,))


def _take_messages(source: MqttSource, pulling: PullContext, tally: FetchProgress) -> Iterator[LandedPart]:
    name = source.client_id
    with open_session(source) as session:
        session.subscribe()
        if pulling.state(name) and not session.present:
            tally.notices.append(Problem("MQTT_SESSION_LOST", {"source": source.url, "session": name}))
        lines = _lines(session, tally)
        first = next(lines, None)
        if first is None and pulling.committed(name):
            raise NotModifiedError
        if first is None:
            raise SourceNotReadyError("MQTT_NOTHING_YET", source=source.url, session=name)
        yield LandedPart(_FILE, chain((first,), lines))
        if session.unproven:
            tally.notices.append(Problem("MQTT_QOS0", {"source": source.url, "count": session.unproven}))


def _lines(session: MqttSession, tally: FetchProgress) -> Iterator[bytes]:
    source, found, size = session.source, MessagesDigest(), 0
    for message in session.messages():
        line = message_line(message)
        found.add(line)
        size += len(line)
        tally.state = {"messages": found.messages, "digest": found.digest}
        yield line
        if found.messages >= source.max_messages or size >= source.max_bytes:
            limit = {"source": source.url, "count": found.messages}
            tally.notices.append(Problem("MQTT_LIMIT_REACHED", limit))
            return
