"""Sidecar files of the supplier: flags for complete files, and checksums."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from citylake.pipelines.pull.connector_api import SourceNotReadyError
from citylake.pipelines.pull.connectors.files.file_version import FileVersion, read_file_version
from citylake.pipelines.pull.connectors.files.source_file import SourceFile
from citylake.schemas.words.errors import CitylakeError

_OLDER_S = 60.0
"""How much older than its file a flag may be, s: copying in the order of names may create it first."""


def is_sidecar(path: str, mark: str) -> bool:
    """Whether the file at ``path`` is a sidecar file by ``mark``, not data."""
    name = path.rpartition("/")[2]
    return name.endswith(mark) if mark.startswith(".") else fnmatchcase(name, mark)


def sidecar_path(file: SourceFile, mark: str, folder: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The path of the sidecar file of ``file`` by ``mark``.

    ``.ok``: ``data.csv.ok`` or ``data.ok``; anything else is a file of the folder, or a pattern for one.
    """
    if mark.startswith("."):
        name = file.path.rpartition("/")[2]
        stem = file.path.removesuffix("." + name.rpartition(".")[2]) if "." in name else file.path
        return next((path for path in (file.path + mark, stem + mark) if path in folder), None)
    return next((path for path in sorted(folder) if is_sidecar(path, mark)), None)


def require_flag_file(file: SourceFile, mark: str, within: timedelta, folder: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise SourceNotReadyError (FILE_WAITS) while the flag is missing, FLAG_LATE after ``within``.

    A flag that is older than its file belongs to an earlier version of the file.
    """
    path = sidecar_path(file, mark, folder)
    if path is None or _is_flag_older(read_file_version(folder[path]), file.marks):
        wait_for_sidecar(file, mark, within)


def wait_for_sidecar(file: SourceFile, mark: str, within: timedelta) -> None:
    """Raise SourceNotReadyError, or FLAG_LATE, for a missing sidecar file of ``file``."""
    age_s, changed = file.marks.age_s, file.marks.changed_at
    since = "—" if changed is None else datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")
    values = {"source": file.shown, "mark": mark, "since": since}
    if age_s is not None and age_s > within.total_seconds():
        raise CitylakeError("FLAG_LATE", **values)
    raise SourceNotReadyError("FILE_WAITS", **values)


def _is_flag_older(flag: FileVersion, file: FileVersion) -> bool:
    if flag.changed_at is None or file.changed_at is None:
        return False
    return flag.changed_at < file.changed_at - _OLDER_S


def require_quiet_file(file: SourceFile, quiet: timedelta) -> None:
    """Raise SourceNotReadyError (FILE_FRESH) for a file that changed within the last ``quiet``."""
    age_s = file.marks.age_s
    if age_s is not None and age_s < quiet.total_seconds():
        quiet_s = round(quiet.total_seconds())
        raise SourceNotReadyError("FILE_FRESH", source=file.shown, age_s=round(max(age_s, 0)), quiet_s=quiet_s)
