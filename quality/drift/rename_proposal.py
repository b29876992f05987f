"""Proposes which new field is a missing one under another name, by similarity of names and of values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from citylake.quality.drift.column_diff import BoundField
from citylake.schemas.base.fuzzy_match import normalize_word, word_similarity

MIN_SIMILARITY = 0.45
"""Minimum score of a proposal. A field whose values are accepted at 90 % reaches it whatever its name."""
MIN_NAME_SIMILARITY = 0.6
"""Minimum name similarity if there are no values to compare."""
SAME_NAME_SIMILARITY = 0.9
"""Minimum name similarity for an optional field: its absence alone is no sign of a rename."""

AcceptShare = Callable[[str, str], float | None]
"""(missing field, new field) → share of the new field's values that the missing field's binding accepts; None if the
new field has no values."""


@dataclass(frozen=True, slots=True)
class RenameProposal:
    """A proposal. ``name``: name similarity; ``values``: share of accepted values, None without values; both 0 to 1."""

    missing: str
    added: str
    name: float
    values: float | None

    @property
    def score(self) -> float:
        """The confidence, from 0 to 1: the mean of both measures, or the name similarity if there are no values."""
        return self.name if self.values is None else (self.name + self.values) / 2


def propose_renames(
    needed: Mapping[str, BoundField], missing: Sequence[str], added: Sequence[str], accepts: AcceptShare
) -> list[RenameProposal]:
    """Return the most likely renames, highest score first. Each field is in at most one of them."""
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
    """Return the similarity (0 to 1) of a field's name to the nearest of ``words``.

    Case, character width, spaces and punctuation are ignored.
    """
    return max(
        (word_similarity(normalize_word(name) or name, normalize_word(word) or word) for word in words), default=0.0
    )
