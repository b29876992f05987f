"""The datasets in a folder or a zip: files with the same columns are deliveries of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citylake.pipelines.onboard.draft_target import DraftTarget, FoundTargets
from citylake.pipelines.onboard.file_groups import (
    MOST_GROUPS,
    FileGroup,
    Matches,
    group_pattern,
    group_title,
    join_by_columns,
    similar_names,
)
from citylake.pipelines.onboard.recognize_file import member_format, recognize_file
from citylake.pipelines.onboard.source_sample import sample_source
from citylake.pipelines.pull import zip_archive
from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

Located = Callable[[Sequence[str], str | None], Mapping[str, Any]]
"""The words of a source for these files, given the pattern that matches exactly them, if there is one."""


@dataclass(frozen=True, slots=True)
class _FileSet:
    """``guess``: the kind of one file by its name; ``located``: the source of several."""

    names: Sequence[str]
    matches: Matches
    guess: Callable[[str], SourceGuess]
    located: Located


def folder_targets(folder: Path, zone: str | None) -> FoundTargets:
    """The datasets of a folder, those below it included; hidden files are left out."""
    root = folder.resolve()

    def listed(pattern: str) -> list[str]:
        found = (each for each in sorted(root.glob(pattern)) if each.is_file())
        names = [each.relative_to(root).as_posix() for each in found]
        return [name for name in names if not any(part.startswith((".", "~$")) for part in name.split("/"))]

    def located(names: Sequence[str], pattern: str | None) -> dict[str, Any]:
        return {"path": str(root / pattern) if pattern else [str(root / name) for name in names]}

    return _targets(_FileSet(listed("**/*"), listed, lambda name: recognize_file(root / name), located), zone)


def zip_targets(path: Path, zone: str | None) -> FoundTargets:
    """The datasets of a zip. Raises ZIP_BROKEN."""
    with path.open("rb") as file, zip_archive.open_zip(file, str(path)) as zipped:

        def listed(pattern: str) -> list[str]:
            return [zip_archive.zip_member_name(info) for info in zip_archive.list_zip_members(zipped, pattern)]

        def guess(name: str) -> SourceGuess:
            form = member_format(name)
            source = {"connector": "files", "path": str(path.resolve()), "member": name, "format": form}
            return SourceGuess("files", source, "zip_members") if form else SourceGuess("none", {}, "unknown")

        def located(names: Sequence[str], pattern: str | None) -> dict[str, Any]:
            return {"member": pattern or names[0]}

        names = [zip_archive.zip_member_name(info) for info in zip_archive.data_members(zipped)]
        return _targets(_FileSet(names, listed, guess, located), zone)


def _targets(files: _FileSet, zone: str | None) -> FoundTargets:
    skipped: dict[str, str] = {}
    groups, guesses = [], {}
    for number, names in enumerate(similar_names(files.names)):
        guess = files.guess(names[0]) if number < MOST_GROUPS else SourceGuess("none", {}, "too_many")
        try:
            if not guess.source:
                skipped[names[0]] = translate_key(f"onboard.{guess.why}")
                continue
            sample = sample_source(guess.source, dict(os.environ), zone)
        except CitylakeError as error:
            skipped[names[0]] = error.say(current_language())
            continue
        guesses[names[0]] = guess
        groups.append(FileGroup(names, sample))
    found = [_target(files, each, guesses[each.names[0]]) for each in join_by_columns(groups)]
    return FoundTargets(found, tuple(f"{name}: {why}" for name, why in skipped.items()))


def _target(files: _FileSet, group: FileGroup, guess: SourceGuess) -> DraftTarget:
    located = files.located(group.names, group_pattern(group.names, files.matches))
    return DraftTarget(
        group_title(group.names), guess.kind, {**guess.source, **located}, guess.why, sample=group.sample
    )
