"""The folder of ``make airflow``: used by one at a time, on a disk with space, and a port that is free."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from citylake.infra.airflow.native_services import LOOPBACK, free_ports
from citylake.schemas.words.errors import CitylakeError

DEFAULT_PORT = 8080
_FULL = (errno.ENOSPC, errno.EDQUOT)
NEEDED_MB = 500
"""For Airflow's database and logs, the city's files and its lake."""


@contextmanager
def sole_use(home: Path) -> Iterator[None]:
    """Create ``home`` and hold it; raises AIRFLOW_RUNS_ALREADY, AIRFLOW_NO_SPACE and AIRFLOW_HOME_UNUSABLE."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        require_space(home)
        with (home / "lock").open("a+", encoding="utf-8") as lock:
            _hold(lock.fileno(), home)
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield
    except OSError as error:
        if not error.filename and error.errno not in _FULL:
            raise  # Of a socket, for instance.
        raise home_error(home, error) from error


def _hold(lock: int, home: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CitylakeError("AIRFLOW_RUNS_ALREADY", home=home, pid=(home / "lock").read_text("utf-8") or "?") from None


def require_space(home: Path) -> None:
    """Raise AIRFLOW_NO_SPACE if the disk of ``home`` is nearly full."""
    free_mb = shutil.disk_usage(home).free // 1_000_000
    if free_mb < NEEDED_MB:
        raise CitylakeError("AIRFLOW_NO_SPACE", home=home, free_mb=free_mb, needed_mb=NEEDED_MB)


def home_error(home: Path, error: OSError) -> CitylakeError:
    """The issue for what the operating system refuses."""
    if error.errno in _FULL:
        return CitylakeError("AIRFLOW_NO_SPACE", home=home, free_mb=0, needed_mb=NEEDED_MB)
    where = f"{error.filename}: " if error.filename else ""
    return CitylakeError("AIRFLOW_HOME_UNUSABLE", home=home, why=f"{where}{error.strerror or error}")


def choose_port(port: int | None) -> int:
    """``port``, which must be free (AIRFLOW_PORT_TAKEN); without one, 8080 or any free port."""
    if is_free(port or DEFAULT_PORT):
        return port or DEFAULT_PORT
    if port:
        raise CitylakeError("AIRFLOW_PORT_TAKEN", port=port)
    return free_ports(1)[0]


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of the loopback interface."""
    with suppress(OSError), socket.create_server((LOOPBACK, port)):
        return True
    return False
