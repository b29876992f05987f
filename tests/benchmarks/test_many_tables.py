"""Twice as many tables cost twice as much: nothing that reads every declaration grows with their square."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.many_tables import write_city
from tests.call_count import count_calls

SIZES = (20, 40, 60)
MORE = 1.1
"""The last twenty may cost this much of the twenty before them; a square would cost five thirds."""
WORK = """
sys.setprofile(None)
from pathlib import Path
from citylake.pipelines.flow.engine_lint import lint_folder
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.site import Site
from citylake.schemas.lint.valid_registry import load_valid_registry
folder, lake = Path({folder!r}), {lake!r}
load_valid_registry(folder)
sys.setprofile(seen)
{work}
"""
WORKS = {
    "lint": "assert not lint_folder(folder).findings",
    "overview": "assert len(Site(lake, folder).overview()['datasets']) == {count}",
}


@pytest.mark.parametrize("name", WORKS)
def test_each_dataset_more_costs_the_same(tmp_path: Path, name: str) -> None:
    taken = []
    for count in SIZES:
        folder = write_city(tmp_path / f"city{count}", count)
        # Reading once before, everything is imported: what is counted depends on the declarations alone.
        work = WORKS[name].format(count=count)
        taken.append(count_calls(WORK.format(folder=str(folder), lake=str(tmp_path / "lake"), work=work)))
    first, second = taken[1] - taken[0], taken[2] - taken[1]
    assert 0 < second < MORE * first, taken
