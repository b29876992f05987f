"""The settings of the connector ``mqtt``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.model.formats import AnyFormat, JsonFormat
from citylake.schemas.model.source.source_base import SourceBase

_LEVEL = r"(\+|[^+#/\x00]*)"
TopicFilter = Annotated[
    str, StringConstraints(min_length=1, max_length=65_535, pattern=rf"^(#|{_LEVEL}(/{_LEVEL})*(/#)?)$")
]
"""``+`` stands for one whole level, ``#`` for all levels at the end."""
_URL = re.compile(r"mqtts?://(?P<host>[^/:?#@]+|\[[0-9A-Fa-f:]+\])(:(?P<port>\d{1,5}))?/?")


class MqttSource(SourceBase):
    """What a broker at ``url`` (``mqtt://host:1883``, ``mqtts://host:8883``) holds for the session ``client_id``.

    ``topics`` are filters with ``+`` and ``#``. ``connection`` names the credentials, which contain
    ``{"options": {"username": …, "password": …, "ca_certs": …, "certfile": …, "keyfile": …}}``. A session has one
    reader: no other contract or program may use its ``client_id``.
    """

    connector: Literal["mqtt"]
    format: AnyFormat = JsonFormat(lines=True, unwrap=("payload",))
    url: str
    connection: str | None = None
    client_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.:-]{1,128}$")]
    topics: tuple[TopicFilter, ...] = Field(min_length=1)
    session_expiry_s: int = Field(604_800, ge=60, le=4_294_967_294)
    """How long the broker holds messages while nobody reads the session, s."""
    max_messages: int = Field(20_000, ge=1, le=65_535)
    """The most messages of one pull, and the most that the broker may send before they are acknowledged."""
    max_bytes: int = Field(200_000_000, gt=0)
    """The pull ends with the message that reaches this number of bytes."""
    idle_s: float = Field(2.0, gt=0)
    """The pull ends when no message has come for so long, s."""
    timeout_s: float = Field(30.0, gt=0)
    """Time limit for a connection and for each answer of the broker, s."""
    deadline_s: float = Field(600.0, gt=0)
    """The pull ends after this time, s."""

    def addresses(self) -> Iterator[tuple[str, str]]:
        """The URL."""
        yield "url", self.url

    def resource_path(self) -> str:
        """The topics."""
        return ",".join(self.topics)

    @property
    def repeats(self) -> str | None:
        """Messages come again if a crash prevented their acknowledgement."""
        return "client_id"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; raises ValueError if ``url`` is none of a broker."""
        match = _URL.fullmatch(self.url)
        if match is None:
            raise ValueError(self.url)
        return match["host"].strip("[]"), int(match["port"] or (8883 if self.secure else 1883))

    @property
    def secure(self) -> bool:
        """Whether the connection uses TLS."""
        return self.url.startswith("mqtts:")

    @model_validator(mode="after")
    def _gives_lines(self) -> Self:
        if not (isinstance(self.format, JsonFormat) and self.format.lines):
            raise ValueError("mqtt gives JSON lines: write format: {type: json, lines: true, unwrap: [payload]}")
        return self
