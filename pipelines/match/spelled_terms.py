"""Chinese names as pinyin and as initials: ``XZQHDM`` and ``xingzhengquhuadaima`` are 行政区划代码."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import Indel

from citylake.pipelines.match.name_words import is_chinese, joined_name

_EQUAL = {2: 0.7, 3: 0.84, 4: 0.92}
"""The score of equal initials by their number: the fewer letters, the more names have them."""
_EQUAL_LONG, _SPELLED = 0.96, 0.97
_ALIKE, _ALIKE_SPELLED = 0.72, 0.84
_PART, _PART_GROWS = 0.5, 0.4
"""The score of pinyin that is a part of a name, and how it grows with the share of the name."""
_SHORTEST_ALIKE, _SHORTEST_SPELLED = 3, 5
_ALIKE_FACTOR = 0.8


@dataclass(slots=True)
class SpelledTerms:
    """The initials and the full pinyin of each Chinese name; other names have none."""

    terms: Sequence[str]
    _rows: npt.NDArray[np.int64] = field(init=False)
    _initials: list[str] = field(init=False)
    _spelled: list[str] = field(init=False)

    def __post_init__(self) -> None:
        # The dictionary of the readings takes half a second to load.
        from pypinyin import lazy_pinyin

        chinese = [row for row, term in enumerate(self.terms) if is_chinese(term)]
        syllables = [lazy_pinyin(joined_name(self.terms[row])) for row in chinese]
        self._rows = np.array(chinese, dtype=np.int64)
        self._initials = ["".join(_initial(part) for part in parts) for parts in syllables]
        self._spelled = ["".join(parts) for parts in syllables]

    def scores(self, letters: str) -> npt.NDArray[np.float64]:
        """The likeness (0 to 1) of a run of letters to each of the names."""
        found = np.zeros(len(self.terms))
        if len(self._rows) and len(letters) > 1:
            own = np.maximum(self._by_initials(letters), self._by_pinyin(letters))
            found[self._rows] = own
        return found

    def _by_initials(self, letters: str) -> npt.NDArray[np.float64]:
        equal = np.array([each == letters for each in self._initials])
        score = np.where(equal, _EQUAL.get(len(letters), _EQUAL_LONG), 0.0)
        if len(letters) >= _SHORTEST_ALIKE:
            alike = _similarity(letters, self._initials, _ALIKE) * _ALIKE_FACTOR
            score = np.maximum(score, alike)
        return score

    def _by_pinyin(self, letters: str) -> npt.NDArray[np.float64]:
        if len(letters) < _SHORTEST_SPELLED:
            return np.where(np.array(self._spelled) == letters, _SPELLED, 0.0)
        within = [_PART + _PART_GROWS * len(letters) / len(each) if letters in each else 0.0 for each in self._spelled]
        return np.maximum(_similarity(letters, self._spelled, _ALIKE_SPELLED) * _SPELLED, within)


def _similarity(text: str, others: Sequence[str], least: float) -> npt.NDArray[np.float64]:
    scorer = Indel.normalized_similarity
    found = process.cdist([text], others, scorer=scorer, score_cutoff=least, dtype=np.float64)
    row: npt.NDArray[np.float64] = found[0]
    return row


def _initial(syllable: str) -> str:
    """The first letter; all of what is no syllable: letters and digits within a name."""
    return syllable[0] if syllable.isalpha() and syllable.islower() and len(syllable) < 7 else syllable
