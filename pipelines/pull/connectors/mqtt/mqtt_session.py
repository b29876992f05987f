"""A persistent session at a broker: MQTT 5, QoS 1, and no acknowledgement unless it is asked for."""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from citylake.pipelines.pull.connectors.mqtt.mqtt_source import MqttSource
from citylake.pipelines.pull.credentials import Credentials, load_credentials
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage

_KEEPALIVE_S = 60
_STEP_S = 0.05
_FAILURE = 0x80
"""The least reason code that is a failure."""


@dataclass(slots=True)
class MqttSession:
    """An open session. ``present``: the broker knew it before; ``unproven``: messages that came with QoS 0."""

    source: MqttSource
    client: Client
    secrets: Credentials
    present: bool = False
    unproven: int = 0
    waiting: deque[MQTTMessage] = field(default_factory=deque)
    answers: dict[str, int] = field(default_factory=dict)
    """The reason code of each answer that came: connect, subscribe, closed."""

    def subscribe(self) -> None:
        """Ask for the topics; retained messages come with a new subscription alone."""
        from paho.mqtt.subscribeoptions import SubscribeOptions

        self.answers.pop("subscribe", None)
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        self.client.subscribe([(topic, options) for topic in self.source.topics])
        self.await_answer("subscribe")

    def messages(self) -> Iterator[MQTTMessage]:
        """What comes, in the broker's order, until nothing has come for ``idle_s`` or the deadline is reached."""
        deadline = time.monotonic() + self.source.deadline_s
        quiet_from = time.monotonic()
        while self.waiting or time.monotonic() < min(deadline, quiet_from + self.source.idle_s):
            if self.waiting:
                yield self.waiting.popleft()
                quiet_from = time.monotonic()
            else:
                self.step()

    def step(self) -> None:
        """Receive and send for a moment; raises MQTT_BROKE_OFF if the connection is gone."""
        if self.client.loop(_STEP_S) or "closed" in self.answers:
            raise CitylakeError("MQTT_BROKE_OFF", source=self.source.url, reason=f"{self.answers.get('closed', '—')}")

    def await_answer(self, name: str) -> None:
        """Wait for the broker's answer; raises MQTT_REFUSED, or MQTT_UNREACHABLE if there is none in time."""
        until = time.monotonic() + self.source.timeout_s
        while name not in self.answers:
            if time.monotonic() > until:
                raise CitylakeError("MQTT_UNREACHABLE", source=self.source.url, reason="timeout")
            self.step()
        if self.answers[name] >= _FAILURE:
            raise CitylakeError("MQTT_REFUSED", source=self.source.url, asked=name, reason=f"{self.answers[name]}")

    def acknowledge(self, messages: list[MQTTMessage]) -> None:
        """Acknowledge ``messages``, and wait until the broker has read all acknowledgements.

        A broker answers in order: its answer to a subscription that it knows already proves that it has. Without it,
        a connection that ends while new messages come may take acknowledgements with it.
        """
        for message in messages:
            self.client.ack(message.mid, message.qos)
        self.subscribe()


@contextmanager
def open_session(source: MqttSource) -> Iterator[MqttSession]:
    """The session ``source.client_id``, connected; it stays at the broker when the block ends."""
    session = _new_session(source)
    try:
        _connect(session)
        session.await_answer("connect")
        yield session
    finally:
        # The broker knows from it that the end was meant; the session and what is not acknowledged stay.
        session.client.disconnect()
        session.client.loop(_STEP_S)


def _connect(session: MqttSession) -> None:
    source, properties = session.source, _connect_properties(session.source)
    try:
        host, port = source.address
        session.client.connect(host, port, _KEEPALIVE_S, clean_start=False, properties=properties)
    except (OSError, ValueError) as error:
        reason = session.secrets.redact(str(error))
        raise CitylakeError("MQTT_UNREACHABLE", source=source.url, reason=reason) from None


def _connect_properties(source: MqttSource) -> Any:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    make: Any = Properties  # its constructor has no types
    properties = make(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = source.session_expiry_s
    properties.ReceiveMaximum = source.max_messages
    return properties


def _new_session(source: MqttSource) -> MqttSession:
    from paho.mqtt.client import Client, MQTTv5
    from paho.mqtt.enums import CallbackAPIVersion

    secrets = load_credentials(source.connection)
    client = Client(CallbackAPIVersion.VERSION2, source.client_id, protocol=MQTTv5, manual_ack=True)
    client.connect_timeout = source.timeout_s
    options = secrets.options
    if "username" in options:
        client.username_pw_set(options["username"], options.get("password"))
    if source.secure:
        client.tls_set(options.get("ca_certs"), options.get("certfile"), options.get("keyfile"))
    session = MqttSession(source, client, secrets)
    _listen(session)
    return session


def _listen(session: MqttSession) -> None:
    def connected(_c: Any, _u: Any, flags: Any, code: Any, _p: Any) -> None:
        session.present = flags.session_present
        session.answers["connect"] = code.value

    def subscribed(_c: Any, _u: Any, _m: int, codes: Any, _p: Any) -> None:
        session.answers["subscribe"] = max(code.value for code in codes)

    def closed(_c: Any, _u: Any, _f: Any, code: Any, _p: Any) -> None:
        session.answers["closed"] = code.value

    def came(_c: Any, _u: Any, message: MQTTMessage) -> None:
        if message.qos:
            session.waiting.append(message)
        else:
            session.unproven += 1

    session.client.on_connect, session.client.on_subscribe = connected, subscribed
    session.client.on_disconnect, session.client.on_message = closed, came


def message_line(message: MQTTMessage) -> bytes:
    """A message as a line of JSON: the same bytes, however often it is delivered.

    ``topic``, ``payload`` (text; ``payload_base64`` if it is not UTF-8), ``qos``, ``retained``, and if the sender gave
    them ``content_type`` and ``properties``.
    """
    properties = getattr(message, "properties", None)
    line: dict[str, Any] = {"topic": message.topic, **_payload(bytes(message.payload)), "qos": message.qos}
    line["retained"] = bool(message.retain)
    if content_type := getattr(properties, "ContentType", None):
        line["content_type"] = content_type
    if told := getattr(properties, "UserProperty", None):
        line["properties"] = dict(told)
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _payload(payload: bytes) -> dict[str, str]:
    try:
        return {"payload": payload.decode("utf-8")}
    except UnicodeDecodeError:
        from base64 import b64encode

        return {"payload_base64": b64encode(payload).decode("ascii")}


@dataclass(slots=True)
class MessagesDigest:
    """The number of messages, and the SHA-256 over their lines in order."""

    messages: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> None:
        """Count one more."""
        self.messages += 1
        self._hash.update(line)

    @property
    def digest(self) -> str:
        """The digest of all so far, hexadecimal."""
        return str(self._hash.hexdigest())
