"""All names of all targets as one table of words, so that a field is compared with every name at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log

import numpy as np
import numpy.typing as npt

from citylake.pipelines.match.match_target import MatchTarget
from citylake.pipelines.match.name_words import joined_name, name_words
from citylake.pipelines.match.word_groups import PHRASE_SIGN, general_words

_ENGLISH = ("of", "the", "a", "an", "and", "in", "on", "for", "is", "at", "by", "or")
FILLERS = frozenset((*_ENGLISH, "的", "及", "和", "与", "之", "所 在", "所 属", "数 据"))
"""Words that say nothing; they hardly count."""
_FILLER_WEIGHT, _LEAST_WEIGHT = 0.08, 0.3
_SYNONYM = 0.98
"""A synonym is a little weaker than a name."""


@dataclass(frozen=True, slots=True)
class TermTable:
    """``words`` are the distinct words of all names; a column of ``cells`` has those of one name, -1 beyond its end.

    ``owners`` is the target of each row, ``strengths`` 1 for a name and less for a synonym, ``weights`` (per word) how
    much a word tells: 1 if one target has it, little if many do.
    """

    targets: tuple[MatchTarget, ...]
    words: tuple[str, ...]
    cells: npt.NDArray[np.int32]
    owners: npt.NDArray[np.int32]
    strengths: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    joined: tuple[str, ...]
    """Each name without signs."""
    terms: tuple[str, ...]
    positions: Mapping[str, int]
    """The number of each word."""
    spans: tuple[tuple[int, int], ...]
    """The first row of each target, and the row after its last."""

    def word_weight(self, word: str) -> float:
        """How much a word of a field tells: as in the targets, and 1 if none has it."""
        if word in FILLERS:
            return _FILLER_WEIGHT
        position = self.positions.get(word)
        return 1.0 if position is None else float(self.weights[position])


def build_term_table(targets: Sequence[MatchTarget]) -> TermTable:
    """The table of ``targets``, in their order."""
    rows = [(owner, term, strength) for owner, each in enumerate(targets) for term, strength in _terms(each)]
    split = [term_words(term) for _, term, _ in rows]
    seen = Counter(word for owner in _words_of_owners(rows, split) for word in owner)
    words = tuple(sorted(seen))
    number = {word: position for position, word in enumerate(words)}
    cells = np.full((max(map(len, split), default=1), len(rows)), -1, dtype=np.int32)
    for row, parts in enumerate(split):
        cells[: len(parts), row] = [number[part] for part in parts]
    return TermTable(
        targets=tuple(targets),
        words=words,
        cells=cells,
        owners=np.array([owner for owner, _, _ in rows], dtype=np.int32),
        strengths=np.array([strength for _, _, strength in rows]),
        weights=np.array([_weight(word, seen[word], len(targets)) for word in words]),
        joined=tuple(joined_name(term) for _, term, _ in rows),
        terms=tuple(term for _, term, _ in rows),
        positions=number,
        spans=tuple(_spans([owner for owner, _, _ in rows])),
    )


def term_words(term: str) -> list[str]:
    """The words of a name, singular, with the phrases of the general list as one word."""
    return general_words().merge_phrases(name_words(term))


def _terms(target: MatchTarget) -> list[tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for strength, terms in ((1.0, target.names), (_SYNONYM, target.synonyms)):
        for term in terms:
            if joined_name(term):
                found.setdefault(PHRASE_SIGN.join(name_words(term)), (term, strength))
    return list(found.values())


def _words_of_owners(rows: Sequence[tuple[int, str, float]], split: Sequence[Sequence[str]]) -> list[set[str]]:
    found: dict[int, set[str]] = {}
    for (owner, _, _), parts in zip(rows, split, strict=True):
        found.setdefault(owner, set()).update(parts)
    return list(found.values())


def _spans(owners: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, group in groupby(range(len(owners)), key=owners.__getitem__):
        rows = list(group)
        yield rows[0], rows[-1] + 1


def _weight(word: str, count: int, targets: int) -> float:
    if word in FILLERS:
        return _FILLER_WEIGHT
    rare = log(1 + targets / count) / log(1 + targets)
    return max(_LEAST_WEIGHT, rare)
