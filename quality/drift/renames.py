"""Which new field may be a missing one under another name, judged by names and by values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from quality.drift.columns import Needed
from schemas.nearest import likeness, plain

LEAST = 0.45
"""Score from which a rename is proposed: values of which nine in ten are accepted are enough, whatever the name."""
LEAST_NAME = 0.6
"""Likeness of names from which it is proposed where there are no values to compare."""
SAME_NAME = 0.9
"""Likeness of names from which a field that may be absent is thought to be renamed: that it is gone means little."""

Accepts = Callable[[str, str], float | None]
"""(missing field, new field) → share of the new one's values that the old one's binding takes; None: no values."""


@dataclass(frozen=True, slots=True)
class Rename:
    """A proposal: how alike the names are, and what share of the values is taken, from 0 to 1."""

    missing: str
    added: str
    name: float
    values: float | None

    @property
    def score(self) -> float:
        """How sure it is, from 0 to 1: the mean of both, or the name's alone where there are no values."""
        return self.name if self.values is None else (self.name + self.values) / 2


def proposals(
    needed: Mapping[str, Needed], missing: Sequence[str], added: Sequence[str], accepts: Accepts
) -> list[Rename]:
    """The likeliest renames, best first; each field is in one of them at the most."""
    pairs = (
        Rename(gone, new, alike(new, (gone, *needed[gone].words)), accepts(gone, new))
        for gone in missing
        for new in added
    )
    found: list[Rename] = []
    for pair in sorted(pairs, key=lambda pair: -pair.score):
        taken = {name for other in found for name in (other.missing, other.added)}
        if _likely(pair, optional=needed[pair.missing].optional) and not taken & {pair.missing, pair.added}:
            found.append(pair)
    return found


def _likely(pair: Rename, *, optional: bool) -> bool:
    least_name = SAME_NAME if optional else LEAST_NAME if pair.values is None else 0.0
    return pair.name >= least_name and pair.score >= LEAST


def alike(name: str, words: Iterable[str]) -> float:
    """How much a field's name looks like the likest of ``words``; case, width, spaces and signs do not count."""
    return max((likeness(plain(name) or name, plain(word) or word) for word in words), default=0.0)
