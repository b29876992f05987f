"""Which format a lake has: a number in ``lake.json`` at its root, so that an older version refuses a newer lake."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.durable_files import write_small_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError

FORMAT_FILE = "lake.json"
LAKE_FORMAT = 2
"""1: a lake without ``lake.json``. 2: ledger rows have ``sequence``, and ``clock/`` gives receipts their order."""
_NEEDS = "0.2.0"
"""The oldest version that reads a lake of ``LAKE_FORMAT``: it is written beside the number."""


@dataclass(frozen=True, slots=True)
class LakeFormat:
    """The content of ``lake.json``. ``needs``: the oldest version that reads the lake; ``written_by``: who says so."""

    format: int
    needs: str = ""
    written_by: str = ""


def read_format(lake: Lake) -> LakeFormat | None:
    """Return what the lake says; None if it has no ``lake.json``. Raises LAKE_TOO_NEW and LAKE_FORMAT_UNREADABLE."""
    path = lake.path(FORMAT_FILE)
    try:
        # Without fsspec on a folder: every command reads this file first.
        text = Path(path).read_bytes() if lake.local else lake.fs.cat_file(path)
    except FileNotFoundError:
        return None
    return parse_format(lake, text)


def parse_format(lake: Lake, text: bytes) -> LakeFormat:
    """Return the format of a lake from ``lake.json``. Raises LAKE_TOO_NEW and LAKE_FORMAT_UNREADABLE."""
    try:
        told: dict[str, Any] = json.loads(text)
        found = LakeFormat(int(told["format"]), str(told.get("needs", "")), str(told.get("written_by", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise CitylakeError("LAKE_FORMAT_UNREADABLE", lake=lake.url, file=FORMAT_FILE, why=str(error)) from error
    if found.format > LAKE_FORMAT:
        values = {"format": found.format, "known": LAKE_FORMAT, "version": current_version()}
        raise CitylakeError("LAKE_TOO_NEW", lake=lake.url, needs=found.needs, written_by=found.written_by, **values)
    return found


def format_number(lake: Lake) -> int:
    """Return the lake's format: 1 if it has no ``lake.json``."""
    found = read_format(lake)
    return found.format if found else 1


def state_format(lake: Lake) -> None:
    """Write ``lake.json`` with the present format."""
    stated = LakeFormat(LAKE_FORMAT, _NEEDS, current_version())
    write_small_file(lake, lake.path(FORMAT_FILE), f"{json.dumps(asdict(stated), indent=2)}\n".encode())


def state_format_of_new_lake(lake: Lake) -> None:
    """Write ``lake.json`` to a lake that has no ledger yet. An older lake has it from ``citylake migrate``."""
    if read_format(lake) is None and not _has_ledger(lake):
        state_format(lake)


def current_version() -> str:
    """Return the version of this citylake."""
    from importlib.metadata import version

    return version("citylake")


def _has_ledger(lake: Lake) -> bool:
    path = lake.path("ledger")
    return os.path.exists(path) if lake.local else bool(lake.fs.exists(path))
