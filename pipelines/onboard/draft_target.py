"""A dataset to be: one of the tables that a source has, with the ``source`` of its contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.lint.lint_reading import suggest_identifier

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class DraftTarget:
    """``name``: what distinguishes it from the source's other tables: a sheet, a file, a table.

    ``why``: how it was recognized (``onboard.<why>`` in the catalogue); an empty ``source`` is one that no contract can
    read. ``notes``: keys of the catalogue below ``onboard.draft_``, with values. ``sampled``: a smaller request, for
    the sample alone.
    """

    name: str
    kind: str
    source: Mapping[str, Any]
    why: str
    left_out: int = 0
    notes: Sequence[tuple[str, Mapping[str, Any]]] = ()
    sampled: Mapping[str, Any] | None = None
    sample: SourceSample | None = None
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class FoundTargets:
    """The tables of a source. ``skipped``: the files that no contract can read, or that were one too many."""

    targets: Sequence[DraftTarget]
    skipped: Sequence[str] = ()


def name_datasets(targets: Sequence[DraftTarget], dataset: str) -> list[DraftTarget]:
    """The targets with their dataset ids: ``dataset``, and with each one's name behind it if there are several."""
    if len(targets) == 1:
        return [replace(targets[0], dataset=dataset)]
    taken: set[str] = set()
    named = []
    for number, each in enumerate(targets, 1):
        wanted = f"{dataset}_{identifier_of(each.name) or number}"
        while wanted in taken:
            wanted = f"{wanted}_{number}"
        taken.add(wanted)
        named.append(replace(each, dataset=wanted))
    return named


def identifier_of(text: str) -> str:
    """``text`` as part of an identifier, Chinese as pinyin; empty if no character can be part of one."""
    from pypinyin import lazy_pinyin

    stem = PurePath(text).stem if "/" in text or "." in text else text
    latin = "_".join(lazy_pinyin(stem, errors=lambda other: other))
    return suggest_identifier(latin.replace(".", "_"))[:_LONGEST].strip("_")
