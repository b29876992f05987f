"""How alike a word of a field and each word of the targets are: equal, of one group, shortened, or misspelt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from citylake.pipelines.match.term_table import TermTable
from citylake.pipelines.match.word_groups import PHRASE_SIGN, WordGroups, general_words

_GROUP, _NEAR_GROUP = 0.9, 0.6
_MISSPELT, _MISSPELT_LETTERS = 0.78, 5
_SHORTENED, _SHORTENED_LETTERS = 0.55, 3
_LONGER = 0.75


@dataclass(slots=True)
class WordLikeness:
    """Rows of likenesses (0 to 1) of one word to all words of a table, each computed once."""

    table: TermTable
    groups: WordGroups = field(default_factory=general_words)
    _groups: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _rows: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict, repr=False)
    _members: Mapping[str, npt.NDArray[np.int32]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        members: dict[str, list[int]] = {}
        for position, word in enumerate(self.table.words):
            for group in self.groups_of(word):
                members.setdefault(group, []).append(position)
        self._members = {group: np.array(places, dtype=np.int32) for group, places in members.items()}

    def row(self, word: str) -> npt.NDArray[np.float64]:
        """The likeness of ``word`` to each word of the table."""
        if word not in self._rows:
            self._rows[word] = self._compare(word)
        return self._rows[word]

    def groups_of(self, word: str) -> frozenset[str]:
        """The groups of a word, or of the only group-words that it begins or misspells."""
        if word not in self._groups:
            self._groups[word] = self._find_groups(word)
        return self._groups[word]

    def _find_groups(self, word: str) -> frozenset[str]:
        known = self.groups.groups.get(word)
        if known is not None or not word.isascii() or word.isdigit() or len(word) < _SHORTENED_LETTERS + 1:
            return known or frozenset()
        longer = [each for each in self.groups.groups if each.startswith(word) and PHRASE_SIGN not in each]
        if not longer and len(word) > _MISSPELT_LETTERS:
            longer = [found[0] for found in self._misspelt(word, list(self.groups.groups), 1)]
        found = [self.groups.groups[each] for each in longer]
        return frozenset.intersection(*found) if found else frozenset()

    def _misspelt(self, word: str, words: list[str], limit: int) -> list[tuple[str, float, int]]:
        scorer = DamerauLevenshtein.normalized_similarity
        return process.extract(word, words, scorer=scorer, score_cutoff=_MISSPELT, limit=limit)

    def _compare(self, word: str) -> npt.NDArray[np.float64]:
        row = np.zeros(len(self.table.words))
        self._add_groups(row, word)
        if word.isascii() and word.isalpha():
            self._add_shortened(row, word)
            if len(word) >= _MISSPELT_LETTERS:
                for _, score, place in self._misspelt(word, list(self.table.words), 8):
                    row[place] = max(row[place], score * _GROUP)
        own = self.table.positions.get(word)
        if own is not None:
            row[own] = 1.0
        return row

    def _add_groups(self, row: npt.NDArray[np.float64], word: str) -> None:
        own = self.groups_of(word)
        for group in own:
            for near in self.groups.near.get(group, ()):
                if near in self._members:
                    row[self._members[near]] = np.maximum(row[self._members[near]], _NEAR_GROUP)
        for group in own & self._members.keys():
            row[self._members[group]] = _GROUP

    def _add_shortened(self, row: npt.NDArray[np.float64], word: str) -> None:
        general = word in self.groups.groups
        for place, other in enumerate(self.table.words):
            if len(word) >= _SHORTENED_LETTERS and not general and other.startswith(word):
                row[place] = max(row[place], _SHORTENED + (1 - _SHORTENED) * len(word) / len(other) * 0.9)
            elif len(other) > _SHORTENED_LETTERS and word.startswith(other):
                row[place] = max(row[place], _LONGER * min(1.0, 0.4 + len(other) / len(word)))
