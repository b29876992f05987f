"""Reading an untrusted GTFS-Realtime message: it may be truncated, a web page, or without a time stamp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from citylake.pipelines.pull.html_page import html_title
from citylake.schemas.words.errors import CitylakeError

_MOST_BYTES = 256_000_000
"""The largest message, which is read whole, bytes; real ones have some megabytes."""
_ERRORS_SHOWN = 5


def read_feed_message(path: Path, shown: str) -> Any:
    """The ``transit_realtime.FeedMessage`` in ``path``; raises FILE_IS_HTML, GTFS_RT_BROKEN or GTFS_RT_UNSTAMPED."""
    found = _decode_feed_message(path, shown)
    missing = found.FindInitializationErrors()
    if missing:
        raise CitylakeError("GTFS_RT_BROKEN", file=shown, reason=f"without {', '.join(missing[:_ERRORS_SHOWN])}")
    if not found.header.timestamp:
        raise CitylakeError("GTFS_RT_UNSTAMPED", file=shown)
    return found


def require_full_dataset(found: Any, shown: str, *, differential: bool) -> None:
    """Raise GTFS_RT_DIFFERENTIAL if the message has only changes and the contract does not allow it."""
    if found.header.incrementality == found.header.DIFFERENTIAL and not differential:
        raise CitylakeError("GTFS_RT_DIFFERENTIAL", file=shown)


def _decode_feed_message(path: Path, shown: str) -> Any:
    from google.protobuf.message import DecodeError
    from google.transit.gtfs_realtime_pb2 import FeedMessage

    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise CitylakeError("SOURCE_TOO_LARGE", source=shown, size=size, limit=_MOST_BYTES)
    body = path.read_bytes()
    title = html_title(body)
    if title:
        raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)
    try:
        return FeedMessage.FromString(body)
    except DecodeError as error:
        raise CitylakeError("GTFS_RT_BROKEN", file=shown, reason=str(error)) from None
