"""Where messages go: the channels that a variable names, and a connection each, with its secrets. Unset, none."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from citylake.schemas.words.errors import CitylakeError

LATE_VARIABLE, HELD_VARIABLE = "CITYLAKE_NOTIFY", "CITYLAKE_NOTIFY_HELD"
"""The variables that name who is told of late data, and of held batches."""
CHANNEL_KINDS = ("wecom", "dingtalk", "slack", "smtp")
_CHANNEL = re.compile(rf"({'|'.join(CHANNEL_KINDS)}):(\w+)(?:@(\S+))?")


@dataclass(frozen=True, slots=True)
class Channel:
    """One place that hears: ``wecom:ops``, or ``smtp:mail@市交通运输局`` for what is one department's alone."""

    kind: str
    connection: str
    department: str | None = None

    def hears(self, department: str | None) -> bool:
        """Whether what concerns ``department`` is told here."""
        return self.department is None or self.department == department

    def __str__(self) -> str:
        return f"{self.kind}:{self.connection}"


def configured_channels(
    environment: Mapping[str, str] = os.environ, variable: str = LATE_VARIABLE
) -> tuple[Channel, ...]:
    """The channels that the variable names, parted by blanks, each once; raises NOTIFY_UNREADABLE."""
    return tuple(dict.fromkeys(_channel(text, variable) for text in environment.get(variable, "").split()))


def _channel(text: str, variable: str) -> Channel:
    found = _CHANNEL.fullmatch(text)
    if found is None:
        raise CitylakeError("NOTIFY_UNREADABLE", variable=variable, text=text, kinds=", ".join(CHANNEL_KINDS))
    return Channel(*found.groups())
