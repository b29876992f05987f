"""Proposals that need no person, on the contracts of the demonstration city with the city's own data."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.match.contract_fields import read_contract_fields
from benchmarks.match.contracts import SureCount, city_variables, count_sure
from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.infra.city.serve.city_server import serve_city
from citylake.schemas.read.registry import load_registry

DEMO = Path(__file__).parents[3] / "workspaces/demo"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> SureCount:
    folder, registry = tmp_path_factory.mktemp("city"), load_registry(DEMO)
    generate_city(folder, City(days=1))
    with serve_city(folder) as url:
        return count_sure(read_contract_fields(registry, city_variables(folder, url, "")), registry)


def test_what_is_sure_is_right_and_is_a_good_part(counted: SureCount) -> None:
    assert counted.right >= 0.98 * counted.sure
    assert counted.sure >= 0.4 * counted.bound


def test_the_right_element_is_mostly_among_three(counted: SureCount) -> None:
    assert counted.third >= 0.8 * counted.bound
