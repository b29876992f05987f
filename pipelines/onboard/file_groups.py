"""Files, or members of a zip, that are deliveries of one dataset: the same names but for digits, the same columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from citylake.pipelines.onboard.source_sample import SourceSample

MOST_GROUPS = 40
"""Groups of which a file is read; the others are reported."""
Matches = Callable[[str], Collection[str]]
"""Which names a pattern matches."""


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Names of files with the same columns, and the sample of the first one."""

    names: tuple[str, ...]
    sample: SourceSample


def similar_names(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Names that differ in digits alone, in the order of their first."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(re.sub(r"\d+", "#", name), []).append(name)
    return [tuple(group) for group in groups.values()]


def join_by_columns(groups: Sequence[FileGroup]) -> list[FileGroup]:
    """Groups with the same columns and the same kind of file as one."""
    found: dict[tuple[str, ...], FileGroup] = {}
    for each in groups:
        key = (PurePosixPath(each.names[0]).suffix.lower(), *each.sample.columns)
        known = found.get(key)
        found[key] = FileGroup((*known.names, *each.names), known.sample) if known else each
    return list(found.values())


def group_pattern(names: Sequence[str], matches: Matches) -> str | None:
    """The pattern that matches exactly ``names``; a single name is its own. None if no simple pattern does."""
    if len(names) == 1:
        return names[0]
    suffix = PurePosixPath(names[0]).suffix
    starred = {re.sub(r"\d+", "*", PurePosixPath(name).name) for name in names}
    folders = {str(PurePosixPath(name).parent) for name in names}
    (folder, *others) = folders
    beside = "" if folder == "." else f"{folder}/"
    candidates = [f"{beside}*{suffix}", *(f"{beside}{name}" for name in starred)] if not others else []
    wanted = set(names)
    return next((each for each in (*candidates, f"**/*{suffix}") if set(matches(each)) == wanted), None)


def group_title(names: Sequence[str]) -> str:
    """What the names have in common, for people: the stem without digits at its end."""
    stem = PurePosixPath(names[0]).stem
    return re.sub(r"[\W\d_]+$", "", stem) or stem if len(names) > 1 else stem
