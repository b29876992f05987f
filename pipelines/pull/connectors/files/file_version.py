"""The metadata of a file by which a change is detected without opening it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from citylake.pipelines.pull.connector_api import PullState

_TAGS = ("ETag", "etag")
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "created")
_COARSE_S = 10.0
"""Resolution of the store's clock, s: a change time younger than this cannot prove that nothing changed."""


@dataclass(frozen=True, slots=True)
class FileVersion:
    """Size (bytes), time of the last change (s since 1970) and ETag, each None if the store does not provide it.

    ``identity``: of a local file at one moment, to compare it while it is read; it is not kept for the next pull.
    """

    size: int | None = None
    changed_at: float | None = None
    etag: str | None = None
    identity: str | None = None

    @property
    def age_s(self) -> float | None:
        """Seconds since the last change."""
        return None if self.changed_at is None else time.time() - self.changed_at

    def state(self, trust: str, source: str) -> PullState | None:
        """The state for the next pull of ``source``; None if ``trust`` (``FilesSource.trust``) is ``bytes``."""
        old = self.age_s is not None and self.age_s > _COARSE_S
        if trust == "bytes" or not (self.etag or (trust == "mtime" and old)):
            return None
        return {"source": source, "size": self.size, "changed_at": self.changed_at, "etag": self.etag}


def read_file_version(info: Mapping[str, Any]) -> FileVersion:
    """The version in fsspec's metadata of a file."""
    changed = next((info[name] for name in _TIMES if info.get(name) is not None), None)
    etag = next((str(info[name]) for name in _TAGS if info.get(name)), None)
    return FileVersion(info.get("size"), _epoch_seconds(changed), etag)


def _epoch_seconds(changed: object) -> float | None:
    if isinstance(changed, datetime):
        return (changed if changed.tzinfo else changed.replace(tzinfo=UTC)).timestamp()
    return float(changed) if isinstance(changed, int | float) else None
