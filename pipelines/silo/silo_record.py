"""The recorded figures of the silo, and which of them have fallen since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import polars as pl

from citylake.pipelines.lake.ledger.silo_figures_table import TABLE, figure_rows
from citylake.pipelines.silo.silo_map import SiloMap
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.lake.ledger import Ledger

Figures = dict[tuple[str, str], float]
"""(figure, subject) → value; the subject of a figure of the whole is empty."""
PAIR_FIGURE: Final = "pair_key_values_met"
_NOT_JUDGED: Final = frozenset({"mean_share_met"})
"""New keys that do not meet yet lower a mean share: more data is no fault."""


@dataclass(frozen=True, slots=True)
class FallenFigure:
    """A figure that is lower than it was recorded."""

    figure: str
    subject: str
    before: float
    now: float


def recorded_form(found: SiloMap) -> Figures:
    """Return the figures of a map as they are recorded: those of the whole, and the values that each pair has."""
    whole = {(name, ""): value for name, value in found.figures.items()}
    pairs = {(PAIR_FIGURE, pair_subject(pair.left, pair.right)): float(pair.met) for pair in found.pairs if pair.met}
    return whole | pairs


def pair_subject(left: str, right: str) -> str:
    """Return two departments as a subject, in the order of their names."""
    return " × ".join(sorted((left, right)))


def record_figures(ledger: Ledger, found: SiloMap, run: str = "") -> None:
    """Add the figures of a measured map to the ledger, and flush it."""
    ledger.append_frame(TABLE, figure_rows(run, recorded_form(found), datetime.now(UTC)))
    ledger.flush()


def last_figures(ledger: Ledger) -> Figures:
    """Return the figures that were recorded last. Raises SILO_NOT_RECORDED if there are none."""
    stored = ledger.scan(TABLE)
    newest = stored.filter(pl.col("recorded_at") == pl.col("recorded_at").max())
    rows = newest.select("figure", "subject", "value").collect(engine="streaming")
    if rows.is_empty():
        raise CitylakeError("SILO_NOT_RECORDED")
    return {(figure, subject): value for figure, subject, value in rows.iter_rows()}


def fallen_figures(before: Figures, found: SiloMap) -> list[FallenFigure]:
    """Return the counts that are lower than before. What sketches estimate may fall by their error."""
    now = recorded_form(found)
    slack = {
        pair_subject(pair.left, pair.right): pair.error * min(pair.left_keys, pair.right_keys) for pair in found.pairs
    }
    allowed = {(PAIR_FIGURE, subject): each for subject, each in slack.items()}
    allowed["key_values_met", ""] = sum(slack.values())
    return [
        FallenFigure(*name, value, now.get(name, 0.0))
        for name, value in before.items()
        if name[0] not in _NOT_JUDGED and now.get(name, 0.0) < value - allowed.get(name, 0.0)
    ]
