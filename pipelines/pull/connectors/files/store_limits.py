"""The time limits of a store: for its silence, for one call, and for the whole pull."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from citylake.schemas.words.errors import CitylakeError

TIMEOUT_S = 30.0
DEADLINE_S = 86_400.0
_SILENCES = 10
"""How many silences one call may take: it reads up to 50 MB ahead, with retries of the library."""


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """``timeout_s``: the longest silence; ``deadline_s``: the longest time from now until the pull ends."""

    timeout_s: float = TIMEOUT_S
    deadline_s: float = DEADLINE_S
    started: float = field(default_factory=time.monotonic)

    def call_s(self, shown: str) -> float:
        """How long the next call may take, s; raises PULL_TOO_LONG at the deadline."""
        left = self.deadline_s - (time.monotonic() - self.started)
        if left <= 0:
            raise CitylakeError("PULL_TOO_LONG", source=shown, limit_s=self.deadline_s)
        return min(left, _SILENCES * self.timeout_s)
