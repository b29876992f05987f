"""Serves a mart until it is told to end: SIGTERM or SIGINT ends, SIGHUP moves on to the current version."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.passport import INFO_TABLE
from citylake.pipelines.marts.publish.mart_pointer import Pointer, version_from_name, version_time
from citylake.pipelines.read.mart_reader import open_version, published_pointer
from citylake.pipelines.serve.quack_server import QuackServer
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

_PERSONAL = "highest_personal"
_LOOK_S = 10.0
"""Seconds between two looks for a newer version."""


def pointer_of(lake: Lake, mart: str, version: str | None) -> Pointer:
    """The pointer of the current version, or of an older one whose file is still there; its beginning is enough.

    An older version keeps to what the mart asks of its readers now. Raises MART_NOT_PUBLISHED, MART_CLOSED and
    SERVE_VERSION_GONE.
    """
    found = published_pointer(lake, mart)
    if version is None:
        return found
    names = (name.rsplit("/", 1)[-1] for name in lake.fs.ls(lake.mart(mart), detail=False))
    versions = sorted(filter(None, (version_from_name(mart, name) for name in names)))
    begun = [each for each in versions if each.startswith(version)]
    if version not in begun and len(begun) != 1:
        raise CitylakeError("SERVE_VERSION_GONE", mart=mart, version=version, known=", ".join(begun or versions))
    chosen = version if version in begun else begun[0]
    if chosen == found.version:
        return found
    file, published = f"{mart}-{chosen}.duckdb", version_time(chosen).isoformat()
    older = replace(found, version=chosen, file=file, published_at=published)
    return replace(older, personal=older.personal or _has_persons(lake, older))


def _has_persons(lake: Lake, pointer: Pointer) -> bool:
    """Whether an older version may hold values of persons, though the mart now may not; also if it does not say so."""
    with open_version(lake, pointer) as mart:
        if _PERSONAL not in mart.connection.table(INFO_TABLE).columns:
            return True
        (personal,) = mart.execute(f"SELECT {_PERSONAL} FROM {INFO_TABLE}").fetchone() or (None,)
    return bool(personal != "none")


def serve_until_told(server: QuackServer, host: str, port: int, ready: Callable[[], None], pinned: bool) -> None:
    """Listen; call ``ready`` when clients can connect. ``pinned``: a newer version is of no interest.

    Raises SERVE_NOT_LISTENING.
    """
    end, wake, move = threading.Event(), threading.Event(), threading.Event()

    def told(number: int, _: FrameType | None) -> None:
        (move if number == signal.SIGHUP else end).set()
        wake.set()

    with _handled(told):
        server.listen(host, port)
        ready()
        while not end.is_set():
            wake.wait(_LOOK_S)
            wake.clear()
            if not pinned:
                _look(server, move)


def _look(server: QuackServer, move: threading.Event) -> None:
    """Say that there is a newer version, or serve it."""
    served = server.pointer
    if move.is_set():
        move.clear()
        _move_on(server)
    elif newer := server.newer():
        server.tell(translate_key("serve.newer", mart=served.mart, newer=newer.version, version=served.version))


def _move_on(server: QuackServer) -> None:
    mart = server.pointer.mart
    try:
        server.move_on(published_pointer(server.lake, mart))
    except CitylakeError as error:
        server.tell(str(error))
    else:
        server.tell(translate_key("serve.moved", mart=mart, version=server.pointer.version))


@contextmanager
def _handled(call: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, call) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
