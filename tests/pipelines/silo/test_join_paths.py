"""Join readiness: the path that was planted is the first, and every number is what a join gives."""

from __future__ import annotations

import math
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.silo.assess_join import GradedPath, JoinReadiness, assess_join
from citylake.pipelines.silo.join_views import open_join_views
from citylake.pipelines.silo.measure_sampled import measure_bounded
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.silo.planted_pairs import plant
from tests.pipelines.silo.silo_lake import SiloLake

SEEDS = 20


def assess(city: SiloLake, left: str = "a.facts", right: str = "b.other") -> JoinReadiness:
    return assess_join(city.registry, city.lake, left, right)


def test_the_planted_path_is_the_first_in_95_of_100_pairs(tmp_path: Path) -> None:
    missed = []
    for seed in range(SEEDS):
        city, columns = plant(seed, tmp_path / str(seed))
        best = assess(city).best
        if best is None or frozenset(best.measured.path.columns) != columns:
            missed.append((seed, best and best.measured.path.columns))
    assert len(missed) <= 0.05 * SEEDS, missed


@pytest.mark.parametrize("seed", range(5))
def test_the_statement_gives_the_rows_that_were_predicted(seed: int, tmp_path: Path) -> None:
    city, _ = plant(seed, tmp_path)
    for graded in assess(city).paths:
        figures, path = graded.measured.figures, graded.measured.path
        names = {"a.facts", "b.other", *([path.register.dataset] if path.register else [])}
        with open_join_views(city.lake, city.registry, sorted(names)) as connection:
            joined = connection.execute(f"SELECT count(*) FROM ({graded.sql})").fetchone()
        unmatched = figures.left.rows - figures.left.rows_met
        assert joined == (figures.joined_rows + unmatched,), path.columns


@pytest.mark.parametrize("seed", [1, 2])
def test_both_directions_have_the_same_figures(seed: int, tmp_path: Path) -> None:
    city, _ = plant(seed, tmp_path)
    there, back = assess(city), assess(city, "b.other", "a.facts")
    turned = {
        frozenset((b, a) for a, b in each.measured.path.columns): (
            each.measured.figures.right,
            each.measured.figures.left,
        )
        for each in back.paths
    }
    found = {
        frozenset(each.measured.path.columns): (each.measured.figures.left, each.measured.figures.right)
        for each in there.paths
    }
    assert found == turned


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    left=st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=1, max_size=12),
    right=st.lists(st.sampled_from(["b", "c", "e", None]), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
)
def test_the_counts_are_those_of_a_join_in_whatever_order_rows_are_stored(
    left: list[str | None], right: list[str | None], order: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    city = SiloLake(tmp_path_factory.mktemp("counts"))
    city.element("thing_no", "id")
    for name, values in (("a.facts", left), ("b.other", right)):
        city.dataset(name, {"thing": "thing_no"}, {"thing": values}, {"mode": "append"})
    figures = [assess(city).paths[0].measured.figures]
    for name, values in (("a.facts", left), ("b.other", right)):
        city.store(name, {"thing": order.sample(values, len(values))})
    figures.append(assess(city).paths[0].measured.figures)
    assert figures[0] == figures[1]
    one, other = (pl.DataFrame({"thing": values}, {"thing": pl.String}) for values in (left, right))
    assert figures[0].joined_rows == one.join(other, on="thing").height
    assert figures[0].left.rows_met == one.join(other, on="thing", how="semi").height
    assert figures[0].right.keys_met == other.join(one, on="thing", how="semi")["thing"].n_unique()
    assert figures[0].left.rows_without_key == one["thing"].null_count()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> SiloLake:
    """Facts of 30,000 things in 90,000 rows, of which the register has about two thirds; some have far more rows."""
    city = SiloLake(tmp_path_factory.mktemp("large"))
    city.element("thing_no", "id")
    chance = random.Random(4)
    facts = [f"N{int(chance.paretovariate(0.4)) % 30_000}" for _ in range(90_000)]
    register = [f"N{each}" for each in range(45_000) if chance.random() < 0.66]
    city.dataset("a.facts", {"thing": "thing_no"}, {"thing": facts}, {"mode": "append"})
    city.dataset("b.other", {"thing": "thing_no"}, {"thing": register}, {"mode": "upsert", "key": ["thing"]})
    return city


def test_shares_from_samples_are_within_their_stated_error(large: SiloLake) -> None:
    (path,) = (each.measured.path for each in assess(large).paths)
    with open_join_views(large.lake, large.registry, ["a.facts", "b.other"]) as connection:
        exact = measure_bounded(connection, path, exact_rows=100_000)
        assert exact.exact
        for sample in (500, 2_000, 8_000):
            about = measure_bounded(connection, path, exact_rows=1_000, sample=sample)
            assert 0 < about.error < 0.1
            for truth, found in ((exact.left, about.left), (exact.right, about.right)):
                assert (found.rows, found.rows_keyed) == (truth.rows, truth.rows_keyed)
                assert abs(found.rows_share - truth.rows_share) <= about.error
                assert abs(found.keys_share - truth.keys_share) <= about.error


def test_values_that_are_not_open_to_all_are_not_shown(tmp_path: Path) -> None:
    city, _ = plant(0, tmp_path)
    assert assess(city).lost["left"]
    element = city.registry.elements["x.thing_no"]
    hidden = element.sensitivity.model_copy(update={"personal": "ordinary"})
    city.registry.elements["x.thing_no"] = element.model_copy(update={"sensitivity": hidden})
    assert assess(city).lost == {"left": [], "right": []}


def test_a_join_with_itself_and_one_without_a_table_are_refused(tmp_path: Path) -> None:
    city, _ = plant(0, tmp_path)
    with pytest.raises(CitylakeError, match="cannot be joined to itself"):
        assess(city, "a.facts", "a.facts")
    city.dataset("d.empty", {"thing": "thing_no"}, None, {"mode": "append"})
    with pytest.raises(CitylakeError, match=r"d\.empty"):
        assess(city, "a.facts", "d.empty")


def test_places_meet_within_a_kilometre_and_series_without_a_common_name_on_their_day(tmp_path: Path) -> None:
    city = SiloLake(tmp_path)
    for name in ("longitude", "latitude"):
        city.element(name, "deg")
    city.element("day", "day")
    chance = random.Random(7)
    places = {
        name: [
            (120 + chance.random() / 20, 30 + chance.random() / 20, date(2025, 1, each % 9 + first))
            for each in range(40)
        ]
        for name, first in (("a.facts", 1), ("b.other", 5))
    }
    for name, rows in places.items():
        columns = dict(zip(("longitude", "latitude", "day"), zip(*rows, strict=True), strict=True))
        city.dataset(name, {column: column for column in columns}, columns, {"mode": "append"})
    found: dict[str, GradedPath] = {each.measured.path.kind: each for each in assess(city).paths}
    assert found.keys() == {"nearest", "date"}
    for kind, meets in (("nearest", _near), ("date", lambda one, other: one[2] == other[2])):
        met = sum(any(meets(one, other) for other in places["b.other"]) for one in places["a.facts"])
        joined = sum(meets(one, other) for one in places["a.facts"] for other in places["b.other"])
        figures = found[kind].measured.figures
        assert (figures.left.rows_met, figures.joined_rows) == (met, joined)
        assert found[kind].grade > "A"


def _near(one: tuple[float, float, date], other: tuple[float, float, date]) -> bool:
    east = math.radians(one[0] - other[0]) * math.cos(math.radians(one[1]))
    return 6371 * math.hypot(east, math.radians(one[1] - other[1])) <= 1
