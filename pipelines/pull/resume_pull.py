"""Continuing an interrupted pull: its complete parts are reused, and only the rest is requested."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import open_landed, received_path
from citylake.pipelines.pull.connector_api import LandedPart, PullContext, PullState
from citylake.pipelines.pull.landing_writer import LandingWriter
from citylake.schemas.words.errors import CitylakeError

_CHUNK = 1 << 20
_OF = "source"
"""Member of a stored cursor: a hash of the source's settings, because a cursor is valid only for the same request."""


@dataclass(frozen=True, slots=True)
class PullResumer:
    """Decides which interrupted pulls of a source can be continued."""

    settings: str
    within_s: int
    pulling: PullContext

    @classmethod
    def of(cls, source: Any, pulling: PullContext) -> PullResumer:
        """For the settings of a contract's source."""
        settings = hashlib.sha256(source.model_dump_json().encode()).hexdigest()[:16]
        return cls(settings, getattr(source, "resume_s", 0), pulling)

    def take_over(self, name: str, landing: LandingWriter, now: datetime) -> PullState | None:
        """Land the parts of an unfinished pull of ``name`` again and return its cursor; None if there is none."""
        found = self.pulling.unfinished.get(name)
        if found is None or found.cursor.get(_OF) != self.settings:
            return None
        age_s = (now - found.requested_at).total_seconds()
        # A negative age is that of a clock that was set back, or of another worker's: how old the parts are is unknown.
        if not 0 <= age_s <= self.within_s or not all(landing.lake.fs.exists(path) for path in found.landing):
            return None
        landing.take(_landed_parts(landing.lake, found.landing))
        return {name: value for name, value in found.cursor.items() if name != _OF}

    def kept(self, cursor: PullState | None) -> PullState | None:
        """``cursor`` as stored in the ledger."""
        return None if cursor is None else {**cursor, _OF: self.settings}


def _landed_parts(lake: Lake, paths: tuple[str, ...]) -> Iterator[LandedPart]:
    for path in paths:
        yield LandedPart(received_path(path).rsplit("/", 1)[-1], _read_landed_file(lake, path))


def _read_landed_file(lake: Lake, path: str) -> Iterator[bytes]:
    try:
        with open_landed(lake, path) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise CitylakeError("LANDING_LOST", file=path, reason=error.strerror or str(error)) from error
