"""Records who used protected data: one row of the ledger's ``accesses`` an access, also of one that failed."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.lake.ledger import Ledger

AccessKind = Literal[
    "query", "replay", "release", "trial", "trace", "rebuild", "as_of", "reseal", "export", "forget", "delivery"
]
AccessDoor = Literal["cli", "api", "airflow", "quack", "mcp"]
USER_VARIABLE = "CITYLAKE_USER"
SUCCESS = "ok"
_MOST = 10_000
"""Characters of a request that are kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, through which door, and why. ``user``: default is the user of this process."""

    user: str | None = None
    via: AccessDoor = "cli"
    why: str = ""


def process_user(user: str | None = None) -> str:
    """Return ``user``, else ``CITYLAKE_USER``, else the operating system's user. Raises USER_UNKNOWN."""
    named = (user or os.environ.get(USER_VARIABLE, "")).strip()
    try:
        return named or getpass.getuser()
    except (OSError, KeyError) as error:
        raise CitylakeError("USER_UNKNOWN", variable=USER_VARIABLE) from error


@dataclass(slots=True)
class Access:
    """One use of protected data. ``request`` holds no value of a person; ``rows`` and ``outcome`` may be set later."""

    access: AccessKind
    kind: Literal["dataset", "mart"]
    subject: str
    """The id of the dataset or mart."""
    request: str
    """What was asked: the SQL of a query, the receipts of a replay."""
    user: str
    via: AccessDoor = "cli"
    why: str = ""
    run: str = ""
    rows: int | None = None
    outcome: str = SUCCESS
    """``ok``, or the code of the error."""


def record_access(ledger: Ledger, *accesses: Access) -> None:
    """Store the accesses at once: who reads afterwards is on record even if the process is killed."""
    # The ledger loads polars; DAG files import this module.
    from citylake.pipelines.lake.ledger import accesses_table
    from citylake.pipelines.lake.ledger.ledger_store import ledger_now

    if accesses:
        rows = accesses_table.access_frame(map(asdict, accesses), ledger_now())
        ledger.append_frame(accesses_table.TABLE, rows)


@contextmanager
def recorded_access(ledger: Ledger, access: Access) -> Iterator[Access]:
    """Record ``access`` when the block ends, with the error's code as outcome if it raises; set ``rows`` in it."""
    try:
        yield access
    except BaseException as error:
        access.outcome = error.code if isinstance(error, CitylakeError) else type(error).__name__
        raise
    finally:
        access.request = access.request[:_MOST]
        record_access(ledger, access)
