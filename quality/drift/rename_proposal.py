"""Which new field may be a missing one under another name, judged by names and by values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from citylake.quality.drift.column_diff import BoundField
from citylake.schemas.words.fuzzy_match import normalize_word, word_similarity

MIN_SIMILARITY = 0.45
"""Score from which a rename is proposed: values of which nine in ten are accepted are enough, whatever the name."""
MIN_NAME_SIMILARITY = 0.6
"""Likeness of names from which it is proposed where there are no values to compare."""
SAME_NAME_SIMILARITY = 0.9
"""Likeness of names from which a field that may be absent is thought to be renamed: that it is gone means little."""

AcceptShare = Callable[[str, str], float | None]
"""(missing field, new field) → share of the new one's values that the old one's binding takes; None: no values."""


@dataclass(frozen=True, slots=True)
class RenameProposal:
    """A proposal: how alike the names are, and what share of the values is taken, from 0 to 1."""

    missing: str
    added: str
    name: float
    values: float | None

    @property
    def score(self) -> float:
        """How sure it is, from 0 to 1: the mean of both, or the name's alone where there are no values."""
        return self.name if self.values is None else (self.name + self.values) / 2


def propose_renames(
    needed: Mapping[str, BoundField], missing: Sequence[str], added: Sequence[str], accepts: AcceptShare
) -> list[RenameProposal]:
    """The likeliest renames, best first; each field is in one of them at the most."""
    pairs = (
        RenameProposal(gone, new, name_similarity(new, (gone, *needed[gone].words)), accepts(gone, new))
        for gone in missing
        for new in added
    )
    found: list[RenameProposal] = []
    for pair in sorted(pairs, key=lambda pair: -pair.score):
        taken = {name for other in found for name in (other.missing, other.added)}
        if _is_likely(pair, optional=needed[pair.missing].optional) and not taken & {pair.missing, pair.added}:
            found.append(pair)
    return found


def _is_likely(pair: RenameProposal, *, optional: bool) -> bool:
    least_name = SAME_NAME_SIMILARITY if optional else MIN_NAME_SIMILARITY if pair.values is None else 0.0
    return pair.name >= least_name and pair.score >= MIN_SIMILARITY


def name_similarity(name: str, words: Iterable[str]) -> float:
    """How much a field's name looks like the likest of ``words``; case, width, spaces and signs do not count."""
    return max(
        (word_similarity(normalize_word(name) or name, normalize_word(word) or word) for word in words), default=0.0
    )
