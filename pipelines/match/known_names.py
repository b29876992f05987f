"""The names of fields whose targets are known: how likely each target is for a field of another dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from citylake.pipelines.match.known_mappings import KnownMapping
from citylake.pipelines.match.match_target import MatchTarget
from citylake.pipelines.match.name_scores import Floats, NameScores
from citylake.pipelines.match.name_words import joined_name
from citylake.pipelines.match.table_names import TableNames
from citylake.pipelines.match.title_names import TitleNames

_SHARE = 0.35
"""The part of a score that known fields decide where they are alike."""
_SAME, _LEAST_VOTE = 0.95, 1e-3
_SHARPNESS, _DOUBT = 8.0, 0.6
"""The power of a likeness that is a field's vote, and the votes against every target."""
TABLE_WORD = "tablename"
"""Stands for a name that says only what the table is called."""


@dataclass(frozen=True, slots=True)
class LearnedScores:
    """Scores (0 to 1) of targets, and for each of them the known field that is most alike."""

    targets: Mapping[str, float]
    examples: Mapping[str, KnownMapping]
    certainty: float = 0.0
    """0 (no known field has such a name) to 1 (many have the same): how much other targets lose."""

    def joined_with(self, named: Floats, ids: Sequence[str]) -> Floats:
        """The scores of names and of known fields as one; names alone where no known field is alike."""
        learned = np.array([self.targets.get(each, 0.0) for each in ids])
        raised = named + (1 - named) * _SHARE * learned
        return np.where(learned > 0, raised, named * (1 - _SHARE * self.certainty))


@dataclass(slots=True)
class KnownNames:
    """Made once for a set of mappings, for which ``titles`` gives the title of each dataset."""

    mappings: Sequence[KnownMapping]
    titles: Mapping[str, str]
    own: NameScores
    """The engine of the targets: it knows the words."""
    _names: NameScores | None = field(init=False)
    _datasets: npt.NDArray[np.str_] = field(init=False)

    def __post_init__(self) -> None:
        titles = {self._title(each.dataset) for each in self.mappings}
        tables = {title: TitleNames(self.own.vocabulary, title) for title in titles}
        texts = [tables[self._title(each.dataset)].bare_name(each.field) or TABLE_WORD for each in self.mappings]
        targets = [MatchTarget(str(place), (text,)) for place, text in enumerate(texts)]
        self._names = NameScores(targets) if targets else None
        self._datasets = np.array([each.dataset for each in self.mappings], dtype=np.str_)

    def scores(self, name: str, view: TableNames, left_out: str = "") -> LearnedScores:
        """What the fields of datasets other than ``left_out`` say about a field of the table of ``view``."""
        if self._names is None:
            return LearnedScores({}, {})
        text = view.names.bare_name(name) or TABLE_WORD
        alike = TableNames(self._names, "").score(text).targets
        alike = np.where(self._datasets == left_out, 0.0, alike)
        return self._vote(np.minimum(alike, 1.0))

    def _vote(self, alike: Floats) -> LearnedScores:
        votes = alike**_SHARPNESS
        total = float(votes.sum()) + _DOUBT
        targets: dict[str, float] = {}
        examples: dict[str, tuple[float, KnownMapping]] = {}
        for place in np.flatnonzero(votes > _LEAST_VOTE).tolist():
            known = self.mappings[place]
            targets[known.target] = targets.get(known.target, 0.0) + float(votes[place]) / total
            if alike[place] > examples.get(known.target, (0.0, known))[0]:
                examples[known.target] = (float(alike[place]), known)
        same = float(votes[alike >= _SAME].sum())
        chosen = {key: known for key, (_, known) in examples.items()}
        return LearnedScores(targets, chosen, same / (same + _DOUBT))

    def _title(self, dataset: str) -> str:
        return self.titles.get(dataset, dataset)


def is_same_name(one: str, other: str) -> bool:
    """Whether two names differ in signs and case at most."""
    return joined_name(one) == joined_name(other)
