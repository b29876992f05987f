"""The names of one table's fields: words of its title tell little there, because every field is about its object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from citylake.pipelines.match.name_scores import Floats, NameScore, NameScores
from citylake.pipelines.match.title_names import TitleNames
from citylake.pipelines.match.word_groups import general_words

_TITLE_WEIGHT, _NUMBER_WEIGHT = 0.2, 0.1
_NAMED_AS_TABLE = {"identifier": 0.85, "name": 0.8}
"""A field that is called like its table has the number or the name of the table's object."""
_KINDS_ALIKE = {"identifier": "text", "name": "text"}
_EQUAL = 0.97
"""Equal names say more than the kind of values that their words name."""
_HARD_KINDS = frozenset(("date", "number", "geometry", "url"))
"""Kinds of values that are not mistaken for others."""


@dataclass(slots=True)
class TableNames:
    """The scores of names in a table with a title."""

    scores: NameScores
    title: str
    names: TitleNames = field(init=False)
    _cell_weights: Floats = field(init=False)
    _kinds: npt.NDArray[np.str_] = field(init=False)

    def __post_init__(self) -> None:
        self.names = TitleNames(self.scores.vocabulary, self.title)
        table = self.scores.table
        of_title = np.array([word in self.names.words for word in (*table.words, "")])
        self._cell_weights = self.scores.weights * np.where(of_title[table.cells], _TITLE_WEIGHT, 1.0)
        self._kinds = np.array([_KINDS_ALIKE.get(each.kind, each.kind) for each in self.scores.targets])

    def score(self, name: str) -> NameScore:
        """The likeness of a name to each target, 0 to 1."""
        weighed = self.names.weighed_words(name)
        words = [word for word, _ in weighed]
        found = self._score(name, words, [share for _, share in weighed])
        if words and all(map(self.names.is_of_title, words)):
            for added, share in _NAMED_AS_TABLE.items():
                other = self._score(added, [added], [1.0])
                found.targets[:] = np.maximum(found.targets, other.targets * share)
                found.rows[:] = np.maximum(found.rows, other.rows * share)
        return found

    def names_time(self, name: str) -> bool:
        """Whether a name says that its values are times."""
        kinds = {self._word_kind(word) for word, _ in self.names.weighed_words(name)}
        return "date" in kinds and "identifier" not in kinds

    def _score(self, name: str, words: Sequence[str], shares: Sequence[float]) -> NameScore:
        weights = np.array([self._weight(word) * share for word, share in zip(words, shares, strict=True)])
        found = self.scores.score(name, words, weights, self._cell_weights)
        kind = self._name_kind(words)
        if kind is not None:
            same = self._kinds == _KINDS_ALIKE.get(kind, kind)
            hard = np.isin(self._kinds, list(_HARD_KINDS)) | (kind in _HARD_KINDS)
            by_kind = np.where(same, found.targets * 0.9 + 0.1, np.where(hard, found.targets * 0.6, found.targets))
            found.targets[:] = np.where(found.targets >= _EQUAL, found.targets, by_kind)
        return found

    def _weight(self, word: str) -> float:
        known = word in self.scores.table.positions
        weight = _NUMBER_WEIGHT if word.isdigit() and not known else self.scores.table.word_weight(word)
        return weight * (_TITLE_WEIGHT if self.names.is_of_title(word) else 1.0)

    def _name_kind(self, words: Sequence[str]) -> str | None:
        kinds = [kind for word in words if (kind := self._word_kind(word))]
        return "date" if "date" in kinds else kinds[-1] if kinds else None

    def _word_kind(self, word: str) -> str | None:
        known = general_words().kinds
        kinds = {known[group] for group in self.scores.likeness.groups_of(word) if group in known}
        return kinds.pop() if len(kinds) == 1 else None
