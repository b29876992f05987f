"""Checks of settings that are only for texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.element import DataElement

_TEXT_SETTINGS = ("invisible", "pad")


def text_setting_faults(
    declared: Binding | DataElement, element: DataElement
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Settings for texts at an element of another type."""
    for key in _TEXT_SETTINGS:
        if getattr(declared, key) is not None and element.type != "string":
            yield "TEXT_SETTING_UNFIT", key, {"setting": key, "element": element.id, "type": element.type}
