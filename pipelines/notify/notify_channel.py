"""Notification channels, configured by an environment variable. Each refers to a connection that holds its secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from citylake.schemas.words.errors import CitylakeError

LATE_VARIABLE, HELD_VARIABLE = "CITYLAKE_NOTIFY", "CITYLAKE_NOTIFY_HELD"
DIGEST_VARIABLE = "CITYLAKE_NOTIFY_DIGEST"
"""Environment variables that list the channels for late data, for held batches, and for digests."""
WEBHOOK_KINDS = ("wecom", "dingtalk")
CHANNEL_KINDS = (*WEBHOOK_KINDS, "slack", "feishu", "teams", "chat", "smtp")
"""``slack``, ``feishu``, ``teams`` and ``chat`` (any other service) are sent through Apprise."""
_CHANNEL = re.compile(rf"({'|'.join(CHANNEL_KINDS)}):(\w+)(?:@(\S+))?")


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: ``wecom:ops``, or ``smtp:mail@市交通运输局``, which receives messages about one department only."""

    kind: str
    connection: str
    department: str | None = None

    def hears(self, department: str | None) -> bool:
        """Return whether the channel receives messages about ``department``."""
        return self.department is None or self.department == department

    def __str__(self) -> str:
        return f"{self.kind}:{self.connection}"


def configured_channels(
    environment: Mapping[str, str] = os.environ, variable: str = LATE_VARIABLE
) -> tuple[Channel, ...]:
    """Return the channels listed in the variable, separated by spaces, each once. Empty if it is not set.

    Raises NOTIFY_UNREADABLE if an entry is not a channel.
    """
    return tuple(dict.fromkeys(_channel(text, variable) for text in environment.get(variable, "").split()))


def _channel(text: str, variable: str) -> Channel:
    found = _CHANNEL.fullmatch(text)
    if found is None:
        raise CitylakeError("NOTIFY_UNREADABLE", variable=variable, text=text, kinds=", ".join(CHANNEL_KINDS))
    return Channel(*found.groups())
