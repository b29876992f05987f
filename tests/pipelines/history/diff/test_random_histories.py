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

Step = tuple[str, int]
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


def _is_reached(station: str, step: Step) -> bool:
    """Whether a step changes the station."""
    name, number = step
    prefix = CHANGES[name][2]
    return not prefix or station == f"{prefix}{number}"


def _check(cells: pl.DataFrame, steps: Sequence[Step]) -> None:
    """Every cell has a cause, has no cause that did not reach it, and has those that did."""
    assert cells.height and cells["causes"].list.len().min() == cells["kinds"].list.len().min() != 0
    for station, column, kinds in zip(_stations(cells), cells["column"], cells["kinds"], strict=True):
        reached = [step for step in steps if _is_reached(station, step)]
        planted = {CHANGES[name][1] for name, _ in reached}
        assert set(kinds) <= planted, (station, column, kinds, steps)
        # A number of readings or days is not changed by other units or other means.
        own = {CHANGES[name][1] for name, _ in reached if CHANGES[name][2] or column not in ("readings", "days")}
        alone = {kind for kind in own if kind not in ("contract", "sql")}
        assert alone <= set(kinds) or "days" in str(column), (station, column, kinds, steps)


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
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_every_changed_cell_has_its_causes(kept: KeptFolder, steps: list[Step]) -> None:
    city = City(kept.root)
    kept.restore(city.begin)
    for name, number in steps:
        CHANGES[name][0](city, number)
    cells = city.diff(city.versions()[0])
    _check(cells, steps)
    assert json.loads(cells["key"][0]).keys() <= {"station_code", "day"}
