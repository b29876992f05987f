"""A Delta log on a disk that can lose what was not synced: makes entries durable, and moves a torn last one aside.

deltalake gives a log entry its name when it is written, but does not sync it. A power cut before the sync leaves an
entry that is empty or incomplete. deltalake reads an empty one as a version without changes, and cannot open a table
with an incomplete one at all. Only the last entry can be torn: a commit syncs the entry that it is based on first.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from deltalake import DeltaTable, PostCommitHookProperties

from citylake.pipelines.lake.durable_files import sync_files, syncs
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, render_issue

log = logging.getLogger(__name__)
ACTIONS_KEY = "actions"
"""Member of citylake's note in a commit: the number of files that the commit adds and removes."""
KEEP_LOG = PostCommitHookProperties(cleanup_expired_logs=False)
"""Old log entries are deleted by the upkeep, after it has synced the checkpoint that replaces them."""
RECOVERED_ZONE = "recovered"
"""Folder of the lake with torn log entries that were moved aside."""
_VERSION = re.compile(r"(\d{20})\.")
_SUFFIXES = (".json", ".checkpoint.parquet")
_LAST_CHECKPOINT = "_last_checkpoint"
_PARQUET_END = b"PAR1"
_synced_entries: dict[str, tuple[int, int]] = {}
"""Table → version and inode of the last entry that this process has synced."""
_checked: set[str] = set()
"""Tables whose log was checked by this process; what a power cut leaves does not come later."""


@dataclass(frozen=True, slots=True)
class _LogEntry:
    adds: list[dict[str, Any]]
    removes: int
    commit: dict[str, Any]


def unsynced_entry(root: str, version: int) -> list[str]:
    """Return the path of a version's entry; nothing if this process has synced it."""
    path = f"{root}/_delta_log/{version:020}.json"
    try:
        return [] if _synced_entries.get(root) == (version, os.stat(path).st_ino) else [path]
    except FileNotFoundError:
        return []


def sync_log(lake: Lake, root: str, since: int | None = None) -> None:
    """Make the log's entries and checkpoints from version ``since`` on durable; None: the last version's only."""
    chosen = _names_since(root, since) if syncs(lake) else []
    if any(name.endswith(".parquet") for name in chosen):
        chosen.append(_LAST_CHECKPOINT)
    sync_files(lake, [f"{root}/_delta_log/{name}" for name in chosen])
    entries = [name for name in chosen if name.endswith(".json")]
    if entries:
        name = max(entries)
        _synced_entries[root] = int(name[:20]), os.stat(f"{root}/_delta_log/{name}").st_ino


def sync_versions(lake: Lake, root: str, since: int | None = None) -> None:
    """Make versions durable with the files they add, of a table that deltalake wrote; None: the last version's only."""
    entries = [name for name in _names_since(root, since) if name.endswith(".json")] if syncs(lake) else []
    adds = [add for name in entries for add in _read_entry(root, name).adds]
    sync_files(lake, [_added_path(root, add) for add in adds])
    sync_log(lake, root, since)


def shorten_log(lake: Lake, root: str, table: DeltaTable) -> None:
    """Write a checkpoint, then delete log entries past ``delta.logRetentionDuration`` (30 days)."""
    table.create_checkpoint()
    # Before the entries that it replaces are deleted.
    sync_log(lake, root)
    table.cleanup_metadata()


def last_log_version(lake: Lake, root: str) -> int:
    """Return the last version in the log of the table at ``root``, or -1 if there is no log."""
    return max((_log_versions(root) if lake.local else _stored_versions(lake, root)).values(), default=-1)


def heal_log(lake: Lake, root: str) -> None:
    """Move aside what a power cut has torn at the end of the log, once per process, and report it in the log.

    The table is then as it was before the commit, which was never recorded anywhere else; the next run repeats it.
    Raises LOG_TORN if this process may not write there.
    """
    if not lake.local or root in _checked:
        return
    torn = _torn_names(lake, root)
    if torn:
        try:
            with _locked(f"{root}/_delta_log"):
                for name in _torn_names(lake, root):
                    _move_aside(lake, root, name)
        except PermissionError as error:
            raise CitylakeError("LOG_TORN", table=root, file=torn[0]) from error
    _checked.add(root)


def _names_since(root: str, since: int | None) -> list[str]:
    if since is not None:
        return list(_following_names(root, since))
    versions = _log_versions(root)
    least = max(versions.values(), default=0)
    return [name for name, version in versions.items() if version >= least]


def _following_names(root: str, since: int) -> Iterator[str]:
    """The names from version ``since`` on, without a list of the folder: a year of runs leaves ten thousand names."""
    for version in itertools.count(since):
        names = [f"{version:020}{suffix}" for suffix in _SUFFIXES]
        found = [name for name in names if os.path.exists(f"{root}/_delta_log/{name}")]
        if not found:
            return
        yield from found


def _log_versions(root: str) -> dict[str, int]:
    try:
        names = os.listdir(f"{root}/_delta_log")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return _versions_in(names)


def _versions_in(names: Iterable[str]) -> dict[str, int]:
    return {name: int(found[1]) for name in names if (found := _VERSION.match(name)) and name.endswith(_SUFFIXES)}


def _stored_versions(lake: Lake, root: str) -> dict[str, int]:
    try:
        names = [path.rpartition("/")[2] for path in lake.fs.ls(f"{root}/_delta_log", detail=False)]
    except FileNotFoundError:
        return {}
    return _versions_in(names)


def _torn_names(lake: Lake, root: str) -> list[str]:
    """Return the names of torn files in the log: the last checkpoint with its hint, and the last entry."""
    versions = _log_versions(root)
    checkpoints = [name for name in versions if name.endswith(".parquet")]
    found = [name for name in sorted(checkpoints)[-1:] if not _ends_as_parquet(f"{root}/_delta_log/{name}")]
    if found and os.path.exists(f"{root}/_delta_log/{_LAST_CHECKPOINT}"):
        found.append(_LAST_CHECKPOINT)
    entries = sorted(name for name in versions if name.endswith(".json"))
    derived = root.startswith(lake.path("curated"))
    return found + [name for name in entries[-1:] if not _is_whole(root, name, with_files=derived)]


def _is_whole(root: str, name: str, *, with_files: bool) -> bool:
    """Return whether an entry is complete. ``with_files``: also the files it adds, which deltalake wrote with it."""
    try:
        entry = _read_entry(root, name)
    except ValueError:
        return False
    if len(entry.adds) + entry.removes < _noted_actions(entry.commit) or len(entry.adds) < _added_files(entry.commit):
        return False
    return not with_files or all(_is_added_file_whole(root, add) for add in entry.adds)


def _read_entry(root: str, name: str) -> _LogEntry:
    """Read an entry. Raises ValueError if it is empty or a line of it is incomplete."""
    with open(f"{root}/_delta_log/{name}", "rb") as file:
        actions = [json.loads(line) for line in file.read().splitlines() if line.strip()]
    if not actions or not all(isinstance(action, dict) for action in actions):
        raise ValueError(name)
    adds = [action["add"] for action in actions if "add" in action]
    commit: dict[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    return _LogEntry(adds, sum("remove" in action for action in actions), commit)


def _noted_actions(commit: dict[str, Any]) -> int:
    note = commit.get("citylake")
    return int(json.loads(note).get(ACTIONS_KEY, 0)) if isinstance(note, str) else 0


def _added_files(commit: dict[str, Any]) -> int:
    """Return the number of files that deltalake notes of its own writes; 0 for other writers, which may differ."""
    ours = str(commit.get("engineInfo", "")).startswith("delta-rs") and commit.get("operation") == "WRITE"
    return int(commit.get("operationMetrics", {}).get("num_added_files", 0)) if ours else 0


def _is_added_file_whole(root: str, add: dict[str, Any]) -> bool:
    path = _added_path(root, add)
    return os.path.exists(path) and os.path.getsize(path) == add["size"] and _ends_as_parquet(path)


def _added_path(root: str, add: dict[str, Any]) -> str:
    return f"{root}/{unquote(add['path'])}"


def _ends_as_parquet(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - len(_PARQUET_END)))
        return file.read() == _PARQUET_END


def _move_aside(lake: Lake, root: str, name: str) -> None:
    place = root.removeprefix(lake.url).strip("/")
    to = lake.path(RECOVERED_ZONE, place, name)
    lake.makedirs(os.path.dirname(to))
    path = f"{root}/_delta_log/{name}"
    os.replace(path, to)
    sync_files(lake, [to])
    sync_log(lake, root)
    log.warning(render_issue("LOG_RECOVERED", {"table": place, "file": name, "to": to}, current_language()))


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Let one process at a time move entries: another one may have done it, and committed a good one by that name."""
    place = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)
