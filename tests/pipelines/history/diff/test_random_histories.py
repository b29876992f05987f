"""The law of a comparison: no changed cell is without a cause, and what changed a cell is among its causes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kept_folder import KeptFolder
from tests.pipelines.history.diff.histories import CHANGES, NUMBERS, City
from tests.thorough import examples

Step = tuple[str, int]
SECOND_DAY = "2026-03-02"
EVERYWHERE = ("contract", "sql")
MEASURED = ("pm25_ugm3", "highest_ugm3")
HISTORIES = st.lists(
    st.tuples(st.sampled_from(sorted(CHANGES)), st.sampled_from(NUMBERS)), min_size=2, max_size=4, unique=True
)


@pytest.fixture
def city(kept: KeptFolder) -> City:
    found = City(kept.root)
    kept.restore(found.begin)
    return found


def _stations(cells: pl.DataFrame) -> pl.Series:
    return cells["key"].str.json_path_match("$.station_code")


def _is_reached(key: dict[str, str], step: Step) -> bool:
    """Whether a step changes the station, on the first day or on a new one."""
    name, number = step
    prefix = CHANGES[name][2]
    return not prefix or (key["station_code"] == f"{prefix}{number}" and key.get("day") != SECOND_DAY)


def _check(cells: pl.DataFrame, steps: Sequence[Step]) -> None:
    """Every cell has a cause, has no cause that did not reach it, and has those that did."""
    assert cells["causes"].list.len().min() == cells["kinds"].list.len().min() != 0
    for text, column, kinds in cells.select("key", "column", "kinds").iter_rows():
        reached = [step for step in steps if _is_reached(json.loads(text), step)]
        assert set(kinds) <= {CHANGES[name][1] for name, _ in reached}, (text, column, kinds, steps)
        # Numbers of readings and of days are not changed by another unit or another mean.
        own = {CHANGES[name][1] for name, _ in reached if CHANGES[name][2]}
        # Made twice, these two are as before.
        own |= {name for name in EVERYWHERE if column in MEASURED and sum(name == step[0] for step in steps) % 2}
        assert own <= set(kinds), (text, column, kinds, steps)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_history_of_one_change_names_only_this_one(city: City, name: str) -> None:
    make, kind, prefix = CHANGES[name]
    make(city, 1)
    cells = city.diff()
    assert cells.height
    assert cells["kinds"].to_list() == [[kind]] * cells.height
    assert cells["causes"].list.len().to_list() == [1] * cells.height
    assert not prefix or set(_stations(cells)) == {f"{prefix}1"}


@given(steps=HISTORIES)
@settings(
    max_examples=examples(3, 6),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_every_changed_cell_has_its_causes(kept: KeptFolder, steps: list[Step]) -> None:
    city = City(kept.root)
    kept.restore(city.begin)
    for name, number in steps:
        CHANGES[name][0](city, number)
    _check(city.diff(city.versions()[0]), steps)
