"""What one step leaves for the next when they run in different processes: small JSON files in the lake."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TypeVar

from pydantic import TypeAdapter

from citylake.pipelines.lake.lake_zones import Lake

T = TypeVar("T")


def write_step_state(lake: Lake, run: str, dataset: str, step: str, kind: type[T], value: T) -> None:
    """Write ``value`` for the step after ``step``."""
    path = _step_state_path(lake, run, dataset, step)
    lake.makedirs(path.rpartition("/")[0])
    with lake.fs.open(path, "wb") as file:
        file.write(TypeAdapter(kind).dump_json(value))


def read_step_state(lake: Lake, run: str, dataset: str, step: str, kind: type[T]) -> T:
    """Read what ``step`` left; FileNotFoundError where it did not run."""
    with lake.fs.open(_step_state_path(lake, run, dataset, step), "rb") as file:
        return TypeAdapter(kind).validate_json(file.read())


def clear_step_state(lake: Lake, run: str, dataset: str) -> None:
    """Take away what the steps left, when the last of them is done."""
    folder = lake.path("handoff", run, dataset)
    if lake.fs.exists(folder):
        lake.fs.rm(folder, recursive=True)
    if lake.local:
        # Runs of several datasets may share a name: the last one to be done takes the folder away.
        with suppress(OSError):
            os.rmdir(os.path.dirname(folder))


def _step_state_path(lake: Lake, run: str, dataset: str, step: str) -> str:
    return lake.path("handoff", run, dataset, f"{step}.json")
