"""Leases: record which versions of a mart are open, so that their files are not deleted.

A reader creates ``leases/<version>/<id>.json`` in the mart's folder, and deletes it on close. A lease ends when it
expires, or when its process has ended, which is visible only on the same host and in the same PID namespace.
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
"""Time after which a lease expires, so that a reader on a host that was switched off does not keep a file forever."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The content of a lease file."""

    host: str
    processes: str
    """PID namespace of ``pid``: each container on a host has its own."""
    pid: int
    opened_at: str
    expires_at: str


def acquire_lease(lake: Lake, mart: str, version: str) -> str | None:
    """Create a lease and return its path, or None if the reader may not write to the lake."""
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
    """Delete a lease, but only in the process that acquired it, not in a fork. If that fails, the lease expires."""
    if pid == os.getpid():
        with suppress(OSError):
            lake.remove(path)


def leased_versions(lake: Lake, mart: str) -> set[str]:
    """Return the versions with a live lease."""
    return {path.split("/")[-2] for path, live in _leases(lake, mart) if live}


def expired_leases(lake: Lake, mart: str) -> list[str]:
    """Return the paths of leases that have ended."""
    return [path for path, live in _leases(lake, mart) if not live]


def delete_leases(lake: Lake, mart: str, paths: Iterable[str], versions: Iterable[str]) -> None:
    """Delete leases, and the folders of deleted ``versions``. Other folders stay, because a reader may use them."""
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
    """Return whether a lease is live. One that cannot be parsed is still being written, so it is live."""
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
        return True  # a process of another user
    return True


def _processes() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""
