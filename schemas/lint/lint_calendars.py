"""Checks of a workspace's calendar: the setting names a known one, and each file is readable and named for its year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError

from citylake.schemas.base.yaml_reader import YamlLimitError, read_yaml
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.calendar_file import CalendarFile
from citylake.schemas.read.calendar_files import CALENDARS_FOLDER, calendar_file_name
from citylake.schemas.read.registry import InvalidDeclaration, YamlLocation
from citylake.schemas.read.supported_calendars import unsupported_calendar
from citylake.schemas.read.workspace import Workspace


def check_calendars(workspace: Workspace) -> Iterator[LintFault | InvalidDeclaration]:
    """CALENDAR_UNSUPPORTED, CALENDAR_FILE_MISNAMED, WORKDAY_NOT_ADJUSTED, and files that cannot be read."""
    yield from _setting_faults(workspace)
    for path in workspace.files(CALENDARS_FOLDER):
        try:
            found = CalendarFile.model_validate(read_yaml(path))
        except ValidationError as error:
            yield InvalidDeclaration(YamlLocation(path), error, CalendarFile)
        except (yaml.YAMLError, UnicodeDecodeError, OSError, YamlLimitError) as error:
            yield InvalidDeclaration(YamlLocation(path), error)
        else:
            yield from _file_faults(path, found)


def _setting_faults(workspace: Workspace) -> Iterator[LintFault]:
    code = workspace.settings.calendar
    if code is None or code == "CN":
        return
    if values := unsupported_calendar(code):
        yield LintFault("CALENDAR_UNSUPPORTED", YamlLocation(workspace.root / "workspace.yaml", ("calendar",)), values)


def _file_faults(path: Path, found: CalendarFile) -> Iterator[LintFault]:
    wanted = Path(calendar_file_name(found.calendar, found.year)).name
    if path.name != wanted:
        yield LintFault("CALENDAR_FILE_MISNAMED", YamlLocation(path, ("year",)), {"suggestion": wanted})
    for number, day in enumerate(found.workdays):
        if day.weekday() < 5:
            yield LintFault("WORKDAY_NOT_ADJUSTED", YamlLocation(path, ("workdays", number)), {"day": day.isoformat()})
