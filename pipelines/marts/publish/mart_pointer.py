"""The pointer of a mart: which of its files readers open. It moves in one step, and only to a file that passed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import DataGap

POINTER_FILE = "current.json"
_FORMAT = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What ``current.json`` says."""

    mart: str
    version: str
    file: str
    """The file's name, beside the pointer."""
    timezone: str
    published_at: str
    fingerprint: str
    tables: Mapping[str, int]
    """Delta version of each curated table in the file."""
    rows: Mapping[str, int]
    incomplete: tuple[DataGap, ...] = ()
    """What the version is incomplete by."""


# Members that it does not know are passed over: what a later version adds must not stop a reader of this one.
_JSON = TypeAdapter(Pointer)


def read_pointer(lake: Lake, mart: str) -> Pointer | None:
    """The mart's pointer; none where it was never published."""
    path = f"{lake.mart(mart)}/{POINTER_FILE}"
    if not lake.fs.exists(path):
        return None
    return _JSON.validate_json(lake.fs.cat_file(path))


def move_pointer(lake: Lake, pointer: Pointer) -> None:
    """Point readers to another version; a reader sees the old pointer or the new one, never a part."""
    path = f"{lake.mart(pointer.mart)}/{POINTER_FILE}"
    text = _JSON.dump_json(pointer, indent=2)
    if not lake.local:
        lake.fs.pipe_file(path, text)
        return
    part = f"{path}.{pointer.version}"
    with open(part, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def next_version(lake: Lake, mart: str, now: datetime) -> str:
    """A version that sorts after every other and was never a file's name, also where the clock went back."""
    folder = lake.mart(mart)
    names = [name.rsplit("/", 1)[-1] for name in lake.fs.ls(folder, detail=False)] if lake.fs.exists(folder) else []
    last = max((version_from_name(mart, name) for name in names), default="")
    version = now.astimezone(UTC).strftime(_FORMAT)
    if version > last:
        return version
    after = version_time(last) + timedelta(microseconds=1)
    return after.strftime(_FORMAT)


def version_from_name(mart: str, name: str) -> str:
    """The version of which a file in the mart's folder has the name; empty where it has none."""
    prefix, suffix = f"{mart}-", ".duckdb"
    return name[len(prefix) : -len(suffix)] if name.startswith(prefix) and name.endswith(suffix) else ""


def version_time(version: str) -> datetime:
    """When a version was made."""
    return datetime.strptime(version, _FORMAT).replace(tzinfo=UTC)
