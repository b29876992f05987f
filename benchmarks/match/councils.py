"""Columns of councils and the registry's fields that people chose for them: how often the engine agrees."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from citylake.pipelines.match.known_mappings import KnownMapping
from citylake.pipelines.match.known_names import KnownNames
from citylake.pipelines.match.match_target import MatchTarget
from citylake.pipelines.match.name_scores import NameScores
from citylake.pipelines.match.name_words import joined_name
from citylake.pipelines.match.table_names import TableNames

_KINDS = {
    "datetime": "date", "date": "date", "integer": "number", "decimal": "number", "longitude": "number",
    "latitude": "number", "url": "url", "multipolygon": "geometry", "point": "geometry", "wkt": "geometry",
    "geojson": "geometry", "flag": "flag",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CouncilQuestion:
    """A column of a dataset, and every field that people chose for it."""

    dataset: str
    column: str
    answers: frozenset[str]

    @property
    def hard(self) -> bool:
        """Whether no answer has the column's name, apart from signs and case."""
        return all(joined_name(self.column) != joined_name(each) for each in self.answers)


@dataclass(frozen=True, slots=True)
class Councils:
    """The questions, the fields that each dataset may have, and all fields as targets."""

    questions: tuple[CouncilQuestion, ...]
    fields: Mapping[str, tuple[str, ...]]
    known: tuple[KnownMapping, ...]
    scores: NameScores


def read_councils(folder: Path) -> Councils:
    """``digital_land`` of the shared data: 593 columns whose answer is among the fields of their dataset."""
    known = tuple(KnownMapping(each["column"], each["dataset"], each["field"]) for each in _rows(folder, "mappings"))
    targets = [
        MatchTarget(
            each["field"],
            tuple(dict.fromkeys((each["field"], each["name"]))),
            description=each["description"],
            kind=_KINDS.get(each["datatype"], "text"),
        )
        for each in _rows(folder, "fields")
    ]
    ids = {each.id for each in targets}
    fields: dict[str, dict[str, None]] = {}
    for each in _rows(folder, "dataset_fields"):
        if each["field"] in ids:
            fields.setdefault(each["dataset"], {})[each["field"]] = None
    chosen: dict[tuple[str, str], set[str]] = {}
    for mapping in known:
        if mapping.target in fields.get(mapping.dataset, ()):
            chosen.setdefault((mapping.dataset, mapping.field), set()).add(mapping.target)
    questions = tuple(CouncilQuestion(*key, frozenset(answers)) for key, answers in chosen.items())
    return Councils(questions, {key: tuple(found) for key, found in fields.items()}, known, NameScores(targets))


def rank_of_answers(
    councils: Councils, known: Sequence[KnownMapping] = (), datasets: Collection[str] | None = None
) -> list[tuple[CouncilQuestion, int]]:
    """Each question with the place (from 0) of its best answer. Mappings of the dataset itself are never used."""
    places = {each.id: place for place, each in enumerate(councils.scores.targets)}
    ids, learned, views = list(places), KnownNames(known, {}, councils.scores), dict[str, TableNames]()
    found = []
    for each in councils.questions:
        if datasets is not None and each.dataset not in datasets:
            continue
        view = views.setdefault(each.dataset, TableNames(councils.scores, each.dataset))
        named = view.score(each.column).targets
        scores = learned.scores(each.column, view, each.dataset).joined_with(named, ids)
        candidates = councils.fields[each.dataset]
        order = np.argsort([-scores[places[name]] for name in candidates], kind="stable")
        ranked = [candidates[place] for place in order.tolist()]
        found.append((each, min(ranked.index(answer) for answer in each.answers)))
    return found


def share_within(ranks: Sequence[tuple[CouncilQuestion, int]], count: int, *, hard: bool = False) -> float:
    """The share of (hard) questions with an answer among the first ``count``."""
    asked = [place for each, place in ranks if each.hard or not hard]
    return sum(place < count for place in asked) / max(len(asked), 1)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
