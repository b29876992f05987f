"""The digests in the log of a Delta table: each commit of citylake notes the SHA-256 of the files that it adds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import StoredFile, list_stored_files

LOG_FOLDER = "_delta_log"
NOTE_KEY, DIGESTS_KEY = "citylake", "sha256"
"""Keys of citylake's note in the commit metadata, and of path → SHA-256 in the note."""
_LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint(?:\..+)?\.parquet)")


@dataclass(slots=True)
class LogEntry:
    """The files that one commit adds, by path relative to the table. ``sizes``: those without a digest → bytes."""

    digests: dict[str, FileDigest] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def list_log_files(lake: Lake, root: str, since: datetime | None = None) -> list[StoredFile]:
    """Return the commits and checkpoints in the log of the table at ``root``, modified at or after ``since``."""
    found = (file for file in list_stored_files(lake, f"{root}/{LOG_FOLDER}") if _LOG_FILE.fullmatch(file.path))
    return [file for file in found if since is None or file.modified >= since]


def log_file_version(name: str) -> int:
    """Return the table's version of a file in the log, or -1 for other files."""
    found = _LOG_FILE.fullmatch(name)
    return int(found[1]) if found else -1


def parse_log_entry(content: bytes) -> LogEntry:
    """Return what one commit says of the files that it adds. Raises ValueError if it is not an entry of a log."""
    actions = [json.loads(line) for line in content.splitlines() if line.strip()]
    if not all(isinstance(action, dict) for action in actions):
        raise ValueError("an entry of the log is not a JSON object")
    noted = _noted_digests(actions)
    entry = LogEntry()
    for add in (action["add"] for action in actions if "add" in action):
        path, size = str(add["path"]), int(add["size"])
        # deltalake encodes the paths that it makes itself; a path of citylake's own is as it was given.
        name = path if path in noted else unquote(path)
        if name in noted:
            entry.digests[name] = FileDigest(size, noted[name])
        else:
            entry.sizes[name] = size
    return entry


def _noted_digests(actions: list[Any]) -> Mapping[str, str]:
    info: dict[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    note = json.loads(info.get(NOTE_KEY) or "{}")
    found: Mapping[str, str] = note.get(DIGESTS_KEY, {})
    return found
