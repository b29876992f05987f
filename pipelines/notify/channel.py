"""Where messages go: ``CITYLAKE_NOTIFY``, and a connection for each address with its secrets. Unset, nothing goes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.faults import CitylakeError

VARIABLE = "CITYLAKE_NOTIFY"
KINDS = ("wecom", "dingtalk", "slack", "smtp")
_CHANNEL = re.compile(rf"({'|'.join(KINDS)}):(\w+)(?:@(\S+))?")


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


def channels(environment: Mapping[str, str] = os.environ) -> tuple[Channel, ...]:
    """The channels of ``CITYLAKE_NOTIFY``, parted by blanks; raises NOTIFY_UNREADABLE."""
    return tuple(map(_channel, environment.get(VARIABLE, "").split()))


def _channel(text: str) -> Channel:
    found = _CHANNEL.fullmatch(text)
    if found is None:
        raise CitylakeError("NOTIFY_UNREADABLE", text=text, kinds=", ".join(KINDS))
    return Channel(*found.groups())
