"""A finding of the verification: what is wrong with which file or table, and the command that repairs it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER
from citylake.pipelines.upkeep.lake_tables import parse_table_path
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.message_catalogue import render_issue

log = logging.getLogger(__name__)
ABSENT = "—"
"""What was found in place of a file that does not exist."""
_DAMAGED = {
    "standard": "VERIFY_ROWS_DAMAGED",
    "quarantine": "VERIFY_ROWS_DAMAGED",
    "landing": "VERIFY_LANDING_DAMAGED",
    "raw": "VERIFY_RAW_DAMAGED",
    "curated": "VERIFY_CURATED_DAMAGED",
    "marts": "VERIFY_MART_DAMAGED",
    "ledger": "VERIFY_LEDGER_DAMAGED",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. ``place``: table or folder below the lake; ``path``: the file below the lake, empty for a table."""

    problem: Problem
    place: str
    path: str = ""

    @property
    def subject(self) -> str:
        """A dataset's id, ``mart.`` and a mart's id, or ``ledger``."""
        zone, _, name = self.place.partition("/")
        if zone == "ledger":
            return zone
        return f"mart.{mart_of(self.place)}" if zone in ("curated", "marts") else name

    def as_dict(self) -> dict[str, Any]:
        """Return the finding ready for JSON."""
        code, values = self.problem.code, self.problem.values
        return {
            "code": code,
            "subject": self.subject,
            "place": self.place,
            "file": self.path or None,
            "text": {language: render_issue(code, values, language) for language in ("zh", "en")},
        }


@dataclass(slots=True)
class VerifyTally:
    """What was verified. ``unrecorded``: files without a recorded digest, whose content cannot be compared."""

    files: int = 0
    size_bytes: int = 0
    read_bytes: int = 0
    unrecorded: list[str] = field(default_factory=list)


def damaged_file(place: str, path: str, recorded: str, found: str, *, unused: bool = False) -> Finding:
    """Return the finding that a file is not as it was recorded; ``found`` is ``ABSENT`` if it is missing.

    ``unused``: it belongs to an older version of its table or mart only.
    """
    zone, _, name = place.partition("/")
    log = path.startswith(f"{place}/{LOG_FOLDER}/")
    code = "VERIFY_LOG_DAMAGED" if log and zone != "curated" else _DAMAGED[zone]
    code = "VERIFY_UNUSED_DAMAGED" if unused else code
    values = {"file": path, "dataset": name, "mart": mart_of(place), "recorded": recorded, "found": found}
    return Finding(Problem(code, values), place, path)


def damaged_digest(
    place: str, path: str, recorded: FileDigest, found: FileDigest | None, *, unused: bool = False
) -> Finding:
    """Return the same for a file whose digest is not the recorded one."""
    return damaged_file(place, path, recorded.short, found.short if found else ABSENT, unused=unused)


def unreadable_table(place: str, error: Exception) -> Finding:
    """Return the finding that a table cannot be read."""
    why = f"{type(error).__name__}: {str(error)[:300]}"
    return Finding(Problem("VERIFY_TABLE_UNREADABLE", {"table": place, "why": why}), place)


def mart_of(place: str) -> str:
    """Return the mart of a place in the zones ``curated`` and ``marts``."""
    return parse_table_path(place).name.partition("/")[0]


@contextmanager
def unreadable_place(place: str) -> Iterator[None]:
    """Log a fault of one table's files, which a verification reports, and go on with the others."""
    try:
        yield
    except Exception:
        log.exception("the files of %s cannot be recorded: run citylake verify --deep", place)
