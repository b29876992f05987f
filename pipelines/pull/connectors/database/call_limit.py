"""The client's own time limit for calls of a driver: a server that hangs never notices its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from citylake.pipelines.pull.connectors.database.database_session import database_source_label
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.time_limit import answer_within
from citylake.schemas.words.errors import CitylakeError

T = TypeVar("T")
_GRACE_S = 5.0
"""A server that lives interrupts the statement itself, and says so."""


@dataclass(slots=True)
class CallLimit:
    """``abandoned``: a call did not return; the connection must not be used any more, and not be closed."""

    source: DatabaseSource
    deadline: float = field(init=False)
    abandoned: bool = False
    close: Callable[[], object] | None = None
    """Closes the connection, when an abandoned call returns after all."""

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.source.deadline_s

    def connect(self, call: Callable[[], T]) -> T:
        """The result of ``call``; raises TimeoutError after twice the time that the driver is told."""
        return answer_within(2 * self.source.timeout_s + _GRACE_S, call)

    def call(self, call: Callable[[], T]) -> T:
        """The result of ``call``; raises PULL_TOO_LONG after the deadline."""
        try:
            return answer_within(max(0.0, self.deadline - time.monotonic()) + _GRACE_S, call, self.close)
        except TimeoutError:
            self.abandoned = True
            raise self.too_long() from None

    def each(self, rows: Iterator[T]) -> Iterator[T]:
        """Each of ``rows``; raises PULL_TOO_LONG between two of them at the deadline, within one a little later."""
        end = object()
        while (found := self.call(lambda: next(rows, end))) is not end:
            if self.passed:
                raise self.too_long()
            yield found  # type: ignore[misc]

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() > self.deadline

    def too_long(self) -> CitylakeError:
        """PULL_TOO_LONG for the source."""
        return CitylakeError("PULL_TOO_LONG", source=database_source_label(self.source), limit_s=self.source.deadline_s)
