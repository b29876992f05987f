"""The tables that a source has: a file, the sheets of a workbook, a folder, a zip, a database, or an address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.onboard.database_targets import database_targets, is_database_url
from citylake.pipelines.onboard.draft_target import DraftTarget, FoundTargets
from citylake.pipelines.onboard.many_files import folder_targets, zip_targets
from citylake.pipelines.onboard.recognize_source import recognize_source
from citylake.pipelines.onboard.workbook_draft import sheet_groups
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.pull.connector_api import SourceGuess


def find_targets(
    source: str | None,
    connection: str | None = None,
    table: str | None = None,
    sheet: str | None = None,
    zone: str | None = None,
) -> FoundTargets:
    """The tables of ``source``; without a source, those of the database of ``connection``.

    ``table`` and ``sheet`` choose one. ``zone``: the workspace's, by which an encoding is likelier. Raises
    ONBOARD_NO_SOURCE, and the faults of the source.
    """
    if source is None or is_database_url(source):
        return database_targets(source, connection, table)
    path = Path(source)
    if source and "://" not in source and path.is_dir():
        return folder_targets(path, zone)
    guess = recognize_source(source, connection)
    if guess.why == "zip_members":
        return zip_targets(path, zone)
    return FoundTargets(_sheet_targets(path, guess, sheet))


def _sheet_targets(path: Path, guess: SourceGuess, sheet: str | None) -> list[DraftTarget]:
    """One target for each group of sheets with the same columns; one for what is no workbook."""
    name = path.stem if guess.kind == "files" else ""
    if guess.source.get("format") != "xlsx":
        return [_target(guess, name)]
    if sheet:
        return [_target(guess, sheet, {"type": "xlsx", "sheet": sheet})]
    groups = _local_sheets(path) if guess.kind == "files" else []
    return (
        [_target(guess, each[0], _sheet_words(each)) for each in groups] if len(groups) > 1 else [_target(guess, name)]
    )


def _target(guess: SourceGuess, name: str, form: dict[str, Any] | None = None) -> DraftTarget:
    source = {**guess.source, "format": form} if form else guess.source
    return DraftTarget(name, guess.kind, source, guess.why, guess.left_out)


def _sheet_words(group: Sequence[str]) -> dict[str, Any]:
    return {"type": "xlsx", "sheet": group[0]} if len(group) == 1 else {"type": "xlsx", "sheets": list(group)}


def _local_sheets(path: Path) -> list[tuple[str, ...]]:
    with scratch_folder() as scratch:
        return sheet_groups(ReadRequest((path,), path.name, Path(scratch), lambda _: 0))
