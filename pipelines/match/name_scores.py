"""Names of fields against the names of all targets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from citylake.pipelines.match.match_target import MatchTarget
from citylake.pipelines.match.name_words import joined_name, name_words
from citylake.pipelines.match.prefix_words import contraction_score
from citylake.pipelines.match.spelled_terms import SpelledTerms
from citylake.pipelines.match.split_letters import WordList
from citylake.pipelines.match.term_table import TermTable, build_term_table
from citylake.pipelines.match.word_groups import general_words
from citylake.pipelines.match.word_likeness import WordLikeness

Floats = npt.NDArray[np.float64]
NAME_CODES = ("name_words", "name_equal", "name_contracted", "name_pinyin")
_WORDS, _EQUAL, _CONTRACTED, _PINYIN = range(4)
_INITIALS_LIKENESS, _INITIALS_LETTERS = 0.85, 3


@dataclass(frozen=True, slots=True)
class NameScore:
    """``targets``: the score (0 to 1) of each target; ``rows`` and ``codes``: that of each of their names, and why.

    ``covering``: how much of the field's name each target has: 1 where it says all of it, and more.
    """

    targets: Floats
    covering: Floats
    rows: Floats
    codes: npt.NDArray[np.int8]

    def reason(self, table: TermTable, target: int) -> tuple[str, str]:
        """The message and the name that a target's score comes from."""
        first, last = table.spans[target]
        row = first + int(np.argmax(self.rows[first:last]))
        return NAME_CODES[self.codes[row]], table.terms[row]


@dataclass(slots=True)
class NameScores:
    """The engine of names over a set of targets; made once, used for any number of fields."""

    targets: Sequence[MatchTarget]
    table: TermTable = field(init=False)
    likeness: WordLikeness = field(init=False)
    vocabulary: WordList = field(init=False)
    weights: Floats = field(init=False)
    """How much each word of each name tells; 0 beyond its end."""
    _spelled: SpelledTerms = field(init=False)
    _equal: Mapping[str, list[int]] = field(init=False)
    _by_letter: Mapping[str, list[tuple[int, tuple[str, ...]]]] = field(init=False)
    _initials: Mapping[str, list[tuple[int, int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.table = build_term_table(self.targets)
        self.likeness = WordLikeness(self.table)
        self.weights = np.append(self.table.weights, 0.0)[self.table.cells]
        self._spelled = SpelledTerms(self.table.terms)
        self._equal = _rows_by(self.table.joined)
        latin = [(row, name_words(term)) for row, term in enumerate(self.table.terms) if term.isascii()]
        self._by_letter = {letter: [each for each in latin if each[1][0][0] == letter] for letter in _letters(latin)}
        self._initials = _spans_of_initials(self.table)
        self.vocabulary = WordList(frozenset(_known_words(self.table)) | self._initials.keys())

    def score(self, name: str, words: Sequence[str], weights: Floats, cell_weights: Floats) -> NameScore:
        """The score of a name with these words; the weights say how much each word, and each word of a name, tells."""
        rows, covering = self._by_words(words, weights, cell_weights)
        codes = np.full(len(rows), _WORDS, dtype=np.int8)
        letters = "".join(each for each in joined_name(name) if each.isalpha())
        if letters.isascii() and letters:
            _raise(rows, codes, self._spelled.scores(letters), _PINYIN)
            _raise(rows, codes, self._by_contraction(letters), _CONTRACTED)
        equal = np.zeros(len(rows))
        equal[self._equal.get(joined_name(name), [])] = 1.0
        _raise(rows, codes, equal, _EQUAL)
        rows *= self.table.strengths
        firsts = [first for first, _ in self.table.spans]
        return NameScore(np.maximum.reduceat(rows, firsts), np.maximum.reduceat(covering, firsts), rows, codes)

    def _by_words(self, words: Sequence[str], weights: Floats, cell_weights: Floats) -> tuple[Floats, Floats]:
        if not words or not weights.sum():
            nothing = np.zeros(len(self.table.terms))
            return nothing, nothing
        likeness = np.stack([np.append(self.likeness.row(word), 0.0) for word in words])
        alike = likeness[:, self.table.cells]
        for place, word in enumerate(words):
            for row, start in self._initials.get(word, ()):
                alike[place, start : start + len(word), row] = _INITIALS_LIKENESS
        of_field = (alike.max(axis=1) * weights[:, None]).sum(axis=0) / weights.sum()
        of_target = (alike.max(axis=0) * cell_weights).sum(axis=0) / np.maximum(cell_weights.sum(axis=0), 1e-9)
        return 2 * of_field * of_target / np.maximum(of_field + of_target, 1e-9), of_field

    def _by_contraction(self, letters: str) -> Floats:
        found = np.zeros(len(self.table.terms))
        if len(letters) < _INITIALS_LETTERS:
            return found
        for row, words in self._by_letter.get(letters[0], ()):
            score = contraction_score(letters, words) if len(letters) < sum(map(len, words)) else 0.0
            found[row] = 0.5 + score / 2 if score else 0.0
        return found


def _raise(rows: Floats, codes: npt.NDArray[np.int8], scores: Floats, code: int) -> None:
    """Where ``scores`` are higher, they and their code replace what is there."""
    higher = (scores > rows) | ((scores == rows) & (scores > 0))
    codes[higher] = code
    rows[higher] = scores[higher]


def _rows_by(texts: Sequence[str]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        found.setdefault(text, []).append(row)
    return found


def _letters(latin: Sequence[tuple[int, tuple[str, ...]]]) -> set[str]:
    return {words[0][0] for _, words in latin}


def _known_words(table: TermTable) -> set[str]:
    general = {part for phrase in general_words().groups for part in phrase.split()}
    whole = {word for term in table.terms for word in name_words(term) if len(word) > 2}
    return {word for word in (*table.words, *general, *whole) if word.isascii() and word.isalpha() and len(word) > 1}


def _spans_of_initials(table: TermTable) -> Mapping[str, list[tuple[int, int]]]:
    """Initials of three and more words that follow each other → the names that have them, and where."""
    found: dict[str, list[tuple[int, int]]] = {}
    general = general_words().groups
    for row, cells in enumerate(table.cells.T):
        words = [table.words[cell] for cell in cells if cell >= 0]
        letters = "".join(word[0] if word.isascii() else " " for word in words)
        for start in range(len(letters)):
            for end in range(start + _INITIALS_LETTERS, len(letters) + 1):
                text = letters[start:end]
                if text.isalpha() and text not in general:
                    found.setdefault(text, []).append((row, start))
    return found
