"""Join readiness (关联就绪度): the measured paths between two datasets, the best first, with grades and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from citylake.pipelines.read.data_age import DataAge, LastArrival
from citylake.pipelines.read.standard_table import standard_table_missing
from citylake.pipelines.silo.find_paths import JoinSide, direct_paths, join_sides
from citylake.pipelines.silo.grade_join import Grade, figure_reasons, grade_join
from citylake.pipelines.silo.join_compatibility import compatibility_reasons
from citylake.pipelines.silo.join_figures import SideFigures
from citylake.pipelines.silo.join_losses import lost_keys
from citylake.pipelines.silo.join_overlap import Overlap, measure_overlap
from citylake.pipelines.silo.join_path import JoinPath
from citylake.pipelines.silo.join_reason import JoinReason, say_count, say_share
from citylake.pipelines.silo.join_statement import join_statement
from citylake.pipelines.silo.join_views import has_standard_table, open_join_views
from citylake.pipelines.silo.measure_path import EXACT_ROWS
from citylake.pipelines.silo.measure_sampled import measure_bounded
from citylake.pipelines.silo.rank_paths import MeasuredPath, rank_paths
from citylake.pipelines.silo.register_paths import register_paths
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.lake.lake_zones import Lake


@dataclass(frozen=True, slots=True)
class GradedPath:
    """A measured path with its grade, the reasons, and the statement."""

    measured: MeasuredPath
    grade: Grade
    reasons: tuple[JoinReason, ...]
    sql: str

    def document(self) -> dict[str, Any]:
        """Return the path ready for JSON."""
        path, figures = self.measured.path, self.measured.figures
        return {
            "kind": path.kind,
            "columns": [list(pair) for pair in path.columns],
            "how": [pair.how for pair in path.pairs],
            "register": asdict(path.register) if path.register else None,
            "declared": path.declared,
            "grade": self.grade,
            "exact": figures.exact,
            "error": figures.error,
            "left": _side_document(figures.left),
            "right": _side_document(figures.right),
            "joined_rows": figures.joined_rows,
            "reasons": [each.document() for each in self.reasons],
            "sql": self.sql,
        }


@dataclass(frozen=True, slots=True)
class JoinReadiness:
    """What is known of joining two datasets. ``lost``: keys of the best path that meet nothing, by side."""

    left: str
    right: str
    paths: tuple[GradedPath, ...]
    overlap: Overlap
    lost: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def best(self) -> GradedPath | None:
        """The best path; None if nothing connects the two."""
        return self.paths[0] if self.paths else None

    def document(self) -> dict[str, Any]:
        """Return everything ready for JSON."""
        return {
            "left": self.left,
            "right": self.right,
            "grade": self.best.grade if self.best else None,
            "overlap": self.overlap.document(),
            "lost": dict(self.lost),
            "paths": [each.document() for each in self.paths],
        }


def assess_join(
    registry: Registry,
    lake: Lake,
    left: str,
    right: str,
    *,
    exact_rows: int = EXACT_ROWS,
    arrivals: Mapping[str, LastArrival] | None = None,
    now: datetime | None = None,
) -> JoinReadiness:
    """Measure every path between two datasets of the lake. Tables above ``exact_rows`` are sampled.

    ``arrivals`` and ``now`` give the freshness. Raises JOIN_WITH_ITSELF, DATASET_UNKNOWN and STANDARD_TABLE_MISSING.
    """
    one, other, sides = _two_sides(registry, lake, left, right)
    paths = [*direct_paths(one, other), *_loaded(lake, register_paths(one, other, sides))]
    registers = sorted({path.register.dataset for path in paths if path.register})
    late = tuple(_late_reasons(registry, arrivals or {}, (left, right), now or datetime.now(UTC)))
    with open_join_views(lake, registry, (left, right, *registers)) as connection:
        measured = (MeasuredPath(path, measure_bounded(connection, path, exact_rows)) for path in paths)
        ranked = rank_paths(measured)
        overlap = measure_overlap(connection, one, other)
        exact = ranked and ranked[0].figures.exact
        lost = lost_keys(connection, ranked[0].path, registry) if exact else {}
    graded = tuple(_graded(each, one, other, (*_overlap_reasons(each, overlap), *late)) for each in ranked)
    return JoinReadiness(left, right, graded, overlap, lost)


def _two_sides(
    registry: Registry, lake: Lake, left: str, right: str
) -> tuple[JoinSide, JoinSide, Mapping[str, JoinSide]]:
    if left == right:
        raise CitylakeError("JOIN_WITH_ITSELF", dataset=left)
    for dataset in (left, right):
        registry.contract(dataset)
        if not has_standard_table(lake, dataset):
            raise standard_table_missing(lake, dataset)
    sides = join_sides(registry)
    return sides[left], sides[right], sides


def _loaded(lake: Lake, paths: Sequence[JoinPath]) -> list[JoinPath]:
    """The paths whose register has a table."""
    return [path for path in paths if path.register and has_standard_table(lake, path.register.dataset)]


def _graded(measured: MeasuredPath, left: JoinSide, right: JoinSide, more: Sequence[JoinReason]) -> GradedPath:
    reasons = (*figure_reasons(measured), *compatibility_reasons(measured.path, left, right), *more)
    return GradedPath(measured, grade_join(measured, reasons), reasons, join_statement(measured.path, left.registry))


def _overlap_reasons(measured: MeasuredPath, overlap: Overlap) -> Iterator[JoinReason]:
    one, other = overlap.left, overlap.right
    if not (one.first and one.last and other.first and other.last):
        return
    if overlap.days is None or overlap.rows is None:
        yield JoinReason(
            "no_common_days", "note", {"left": f"{one.first} – {one.last}", "right": f"{other.first} – {other.last}"}
        )
        return
    first, last = overlap.days
    figures = measured.figures
    values = {"first": first, "last": last, "left": say_count(overlap.rows[0]), "right": say_count(overlap.rows[1])}
    if any(pair.left.kind in ("moment", "day") and pair.how != "valid" for pair in measured.path.pairs):
        met = zip((figures.left.rows_met, figures.right.rows_met), overlap.rows, strict=True)
        shares = [say_share(min(1.0, part / whole)) if whole else "—" for part, whole in met]
        yield JoinReason("common_days_met", "note", {**values, "left_met": shares[0], "right_met": shares[1]})
    else:
        yield JoinReason("common_days", "note", values)


def _late_reasons(
    registry: Registry, arrivals: Mapping[str, LastArrival], datasets: Sequence[str], now: datetime
) -> Iterator[JoinReason]:
    for dataset in datasets:
        age = DataAge(registry.contracts[dataset], arrivals.get(dataset), now)
        if age.late and age.known:
            yield JoinReason("late", "note", {"dataset": dataset, "newest": age.shown, "allowed": age.allowed})
        elif age.newest:
            yield JoinReason("newest", "note", {"dataset": dataset, "newest": age.shown})


def _side_document(side: SideFigures) -> dict[str, Any]:
    return {**asdict(side), "rows_share": side.rows_share, "keys_share": side.keys_share}
