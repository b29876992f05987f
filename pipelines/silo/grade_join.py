"""The grade of a join, A to D, and its reasons: what is lost, what is multiplied, and what does not mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from citylake.pipelines.silo.join_figures import JoinFigures, SideFigures
from citylake.pipelines.silo.join_reason import JoinReason, say_count, say_share
from citylake.pipelines.silo.rank_paths import MeasuredPath

Grade = Literal["A", "B", "C", "D"]
GRADES: Final[Sequence[Grade]] = ("A", "B", "C", "D")
_BOUNDS: Final = (0.98, 0.8, 0.3)
"""The least share of rows that meet, of grades A, B and C."""


def grade_join(measured: MeasuredPath, reasons: Sequence[JoinReason]) -> Grade:
    """Return the grade: by the share of the rows that find their partner.

    One lower by time or nearness alone, or if values do not mean the same; two lower if many meet many.
    """
    figures, path = measured.figures, measured.path
    if figures.coverage == 0.0:
        return "D"
    at = next((at for at, bound in enumerate(_BOUNDS) if figures.coverage >= bound), len(_BOUNDS))
    at += 0 if figures.unique else 2
    at += not path.by_identity or path.kind == "nearest"
    at += any(each.weight == "fault" for each in reasons)
    return GRADES[min(at, len(GRADES) - 1)]


def figure_reasons(measured: MeasuredPath) -> Iterator[JoinReason]:
    """Yield what the figures say, as reasons."""
    path, figures = measured.path, measured.figures
    if path.declared:
        yield JoinReason("declared", "good")
    yield from _lost_rows(path.left, path.right, figures.left)
    yield from _lost_rows(path.right, path.left, figures.right)
    yield _fan_out(path.left, path.right, figures)
    if not figures.exact:
        yield JoinReason("sampled", "note", {"error": say_share(figures.error)})
    if not path.by_identity:
        yield JoinReason("by_chance", "loss")


def _lost_rows(dataset: str, other: str, side: SideFigures) -> Iterator[JoinReason]:
    values = {"dataset": dataset, "other": other, "share": say_share(side.rows_share), "rows": say_count(side.rows)}
    if side.rows and side.rows_met == side.rows:
        yield JoinReason("all_met", "good", values)
        return
    yield JoinReason("met", "loss", {**values, "met": say_count(side.rows_met)})
    if side.rows_unknown:
        yield JoinReason("unknown", "loss", {**values, "count": say_count(side.rows_unknown)})
    if side.rows_without_key:
        yield JoinReason("no_key", "loss", {**values, "count": say_count(side.rows_without_key)})


def _fan_out(left: str, right: str, figures: JoinFigures) -> JoinReason:
    here, there = figures.left.fan_out, figures.right.fan_out
    values = {"left": left, "right": right, "here": say_count(here), "there": say_count(there)}
    if figures.coverage == 0.0:
        return JoinReason("nothing_meets", "loss", values)
    if here <= 1 and there <= 1:
        return JoinReason("one_to_one", "good", values)
    if here <= 1:
        return JoinReason("many_to_one", "good", values)
    if there <= 1:
        return JoinReason("one_to_many", "note", values)
    return JoinReason("many_to_many", "loss", {**values, "joined": say_count(figures.joined_rows)})
