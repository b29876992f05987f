"""Leases: who has which version of a mart open, so that its file is not taken away meanwhile.

A reader leaves ``leases/<version>/<id>.json`` beside the files, and takes it away when it closes. A lease ends when it
expires, and when its process is gone, as far as that can be seen: on the same machine, among the same processes.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from citylake.pipelines.lake.lake_zones import Lake

LEASE_FOLDER = "leases"
LEASE_DURATION = timedelta(days=7)
"""After that a lease counts for nothing: a reader of another machine that was switched off must not keep a file."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a lease's file says."""

    host: str
    processes: str
    """Which process ids are meant: containers on one machine have their own."""
    pid: int
    opened_at: str
    expires_at: str


def acquire_lease(lake: Lake, mart: str, version: str) -> str | None:
    """Leave a lease; its path, or None where the reader may not write to the lake."""
    folder = f"{lake.mart(mart)}/{LEASE_FOLDER}/{version}"
    path, now = f"{folder}/{uuid.uuid4().hex}.json", datetime.now(UTC)
    lease = Lease(socket.gethostname(), _processes(), os.getpid(), now.isoformat(), (now + LEASE_DURATION).isoformat())
    try:
        lake.makedirs(folder)
        lake.fs.pipe_file(path, json.dumps(asdict(lease)).encode())
    except OSError:
        return None
    return path


def release_lease(lake: Lake, path: str, pid: int) -> None:
    """Take a lease away; a copy of its process (a fork) must not. Where that fails, it expires."""
    if pid == os.getpid():
        with suppress(OSError):
            lake.remove(path)


def leased_versions(lake: Lake, mart: str) -> set[str]:
    """The versions that somebody has open."""
    return {path.split("/")[-2] for path, live in _leases(lake, mart) if live}


def expired_leases(lake: Lake, mart: str) -> list[str]:
    """The leases that count for nothing any more."""
    return [path for path, live in _leases(lake, mart) if not live]


def delete_leases(lake: Lake, mart: str, paths: Iterable[str], versions: Iterable[str]) -> None:
    """Take leases away, and the folders of ``versions``, which are no more: others a reader may be about to use."""
    for path in paths:
        with suppress(FileNotFoundError):
            lake.remove(path)
    for version in versions if lake.local else ():
        with suppress(OSError):
            os.rmdir(f"{lake.mart(mart)}/{LEASE_FOLDER}/{version}")


def _leases(lake: Lake, mart: str) -> Iterator[tuple[str, bool]]:
    folder = f"{lake.mart(mart)}/{LEASE_FOLDER}"
    for path in sorted(lake.fs.find(folder)) if lake.fs.exists(folder) else ():
        try:
            text, now = lake.fs.cat_file(path), datetime.now(UTC)
        except FileNotFoundError:
            continue
        yield path, _live(text, now)


def _live(text: bytes, now: datetime) -> bool:
    """A lease that cannot be read is being written."""
    try:
        lease = Lease(**json.loads(text))
        if datetime.fromisoformat(lease.expires_at) <= now:
            return False
    except (ValueError, TypeError):
        return True
    here = (lease.host, lease.processes) == (socket.gethostname(), _processes())
    return not here or _is_process_alive(lease.pid)


def _is_process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True


def _processes() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
