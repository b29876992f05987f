"""Reads the calendar files of a workspace, of those that it extends, and of their packs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.calendar_file import CalendarFile
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError

CALENDARS_FOLDER = "calendars"


def read_calendar_files(workspace: Workspace) -> dict[tuple[str, int], CalendarFile]:
    """Return the declared years by (calendar, year); the workspace's own file overrides one that it inherits.

    Raises CALENDAR_UNREADABLE.
    """
    return {(found.calendar, found.year): found for found in _calendars(workspace)}


def calendar_file_name(calendar: str, year: int) -> str:
    """Return where the workspace declares a year: ``calendars/cn-2027.yaml``."""
    return f"{CALENDARS_FOLDER}/{calendar.lower()}-{year}.yaml"


def _calendars(workspace: Workspace) -> Iterator[CalendarFile]:
    for path in workspace.files(CALENDARS_FOLDER):
        yield _read_calendar(path)


def _read_calendar(path: Path) -> CalendarFile:
    try:
        return CalendarFile.model_validate(read_yaml(path))
    # YAML's errors are no ValueError; whatever a file does to its reader is reported with its name.
    except Exception as error:
        raise CitylakeError("CALENDAR_UNREADABLE", file=path, reason=str(error)) from error
