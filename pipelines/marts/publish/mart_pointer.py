"""The pointer of a mart: names the file that readers open. It is replaced atomically, after the checks passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import TypeAdapter

from citylake.pipelines.lake.conditional_file import SeenFile, replace_seen, see_file
from citylake.pipelines.lake.lake_zones import POINTER_FILE, Lake
from citylake.pipelines.records import DataGap

_FORMAT = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class BuiltContent:
    """What a version was made of: equal contents have equal rows."""

    fingerprint: str
    tables: Mapping[str, int]
    said: str = ""
    version: str = field(default="", compare=False)
    """The version that had this content, if it was published."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """Why a pointer names an earlier version: the act of a person. It says enough to record the act after a crash."""

    act_id: str
    user: str
    via: Literal["cli", "api", "airflow"]
    why: str
    at: str
    from_version: str
    refused: tuple[BuiltContent, ...]
    """What is not published again by itself: the contents that were rolled back since the last publication."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The content of ``current.json``."""

    mart: str
    version: str
    file: str
    """Name of the file, in the same folder as the pointer."""
    timezone: str
    published_at: str
    fingerprint: str
    tables: Mapping[str, int]
    """Delta version of each curated table in the file; none if a rollback does not know them: no rows are reused."""
    rows: Mapping[str, int]
    incomplete: tuple[DataGap, ...] = ()
    """Days missing in the version, by dataset."""
    table_ids: Mapping[str, str] = field(default_factory=dict)
    """Id that the Delta log gives to each curated table: another one after the table was deleted and made again."""
    accesses: str = "recorded"
    """``required``: who cannot leave a row in ``accesses`` may not read."""
    personal: bool = False
    """Whether the mart may hold values of persons: literals of queries are then masked on record."""
    readers: str | None = None
    """The group of readers that the folder belongs to."""
    said: str = ""
    """Hash of what the file says about itself; empty in a pointer of an earlier release, and after a rollback."""
    rolled_back: Rollback | None = None
    """Set by a rollback, gone with the next publication."""

    def refuses(self, content: BuiltContent) -> bool:
        """Return whether a person has rolled this content back."""
        return self.rolled_back is not None and content in self.rolled_back.refused


# Unknown fields are ignored, so that a later revision can add fields.
_JSON = TypeAdapter(Pointer)


def read_pointer(lake: Lake, mart: str) -> Pointer | None:
    """Return the mart's pointer, or None if it was never published."""
    return see_pointer(lake, mart)[0]


def see_pointer(lake: Lake, mart: str) -> tuple[Pointer | None, SeenFile]:
    """Return the mart's pointer, and its file for ``move_pointer``."""
    seen = see_file(lake, f"{lake.mart(mart)}/{POINTER_FILE}")
    return (None if seen.content is None else _JSON.validate_json(seen.content)), seen


def move_pointer(lake: Lake, pointer: Pointer, seen: SeenFile) -> bool:
    """Replace the pointer atomically: a reader sees the old one or the new one, never a part.

    ``seen``: the pointer when this one was chosen. Return False if another process has moved it since: then it stays as
    that one left it. In a folder, only ``pointer_lock`` keeps others from moving it.
    """
    return replace_seen(lake, f"{lake.mart(pointer.mart)}/{POINTER_FILE}", _JSON.dump_json(pointer, indent=2), seen)


def next_version(lake: Lake, mart: str, now: datetime) -> str:
    """Return a new version, the UTC time, that sorts after all existing ones, also if the clock was set back."""
    folder = lake.mart(mart)
    names = [name.rsplit("/", 1)[-1] for name in lake.fs.ls(folder, detail=False)] if lake.fs.exists(folder) else []
    last = max((version_from_name(mart, name) for name in names), default="")
    version = now.astimezone(UTC).strftime(_FORMAT)
    if version > last:
        return version
    after = version_time(last) + timedelta(microseconds=1)
    return after.strftime(_FORMAT)


def version_from_name(mart: str, name: str) -> str:
    """Return the version in a file name of the mart's folder, or an empty string for other files."""
    prefix, suffix = f"{mart}-", ".duckdb"
    return name[len(prefix) : -len(suffix)] if name.startswith(prefix) and name.endswith(suffix) else ""


def version_time(version: str) -> datetime:
    """Return the time of a version. Raises ValueError if it is not a version."""
    return datetime.strptime(version, _FORMAT).replace(tzinfo=UTC)
