"""What one step leaves for the next when they run in different processes: small JSON files in the lake."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter

from pipelines.lake import Lake

T = TypeVar("T")


def leave(lake: Lake, run: str, dataset: str, step: str, kind: type[T], value: T) -> None:
    """Write ``value`` for the step after ``step``."""
    path = _path(lake, run, dataset, step)
    lake.makedirs(path.rpartition("/")[0])
    with lake.fs.open(path, "wb") as file:
        file.write(TypeAdapter(kind).dump_json(value))


def take(lake: Lake, run: str, dataset: str, step: str, kind: type[T]) -> T:
    """Read what ``step`` left; FileNotFoundError where it did not run."""
    with lake.fs.open(_path(lake, run, dataset, step), "rb") as file:
        return TypeAdapter(kind).validate_json(file.read())


def _path(lake: Lake, run: str, dataset: str, step: str) -> str:
    return lake.path("handoff", run, dataset, f"{step}.json")
