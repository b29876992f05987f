"""Moves the pointer of a mart to whatever a test wants, as nothing in the lake would."""

from __future__ import annotations

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.publish.mart_pointer import Pointer, move_pointer, see_pointer


def set_pointer(lake: Lake, pointer: Pointer) -> None:
    assert move_pointer(lake, pointer, see_pointer(lake, pointer.mart)[1])
