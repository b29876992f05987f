"""The departments of the demonstration city share what they are about: counted over their contracts."""

from __future__ import annotations

from collections import defaultdict

from citylake.infra.city.unbound_city import before_binding
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO


def _departments(*, before: bool = False) -> dict[str, set[str]]:
    """Departments by the element that their contracts bind."""
    registry, found = load_registry(DEMO), defaultdict[str, set[str]](set)
    for contract in (before_binding(registry) if before else registry).contracts.values():
        for binding in contract.fields.values():
            found[binding.element].add(contract.owner.department)
    return found


def _shared(found: dict[str, set[str]]) -> dict[str, int]:
    return {element: len(departments) for element, departments in found.items() if len(departments) > 1}


def test_departments_share_fifteen_elements_where_they_shared_four() -> None:
    assert len(_shared(_departments())) == 15
    assert _shared(_departments(before=True)).keys() == {
        "place.latitude",
        "place.longitude",
        "place.region_code",
        "time.hour_start",
    }


def test_five_departments_name_enterprises_and_three_by_the_same_code() -> None:
    now, before = _departments(), _departments(before=True)
    assert len(now["organisation.name"]) == 5
    assert now["organisation.uscc"] == {"市市场监督管理局", "市税务局", "市生态环境局"}
    assert now["organisation.code"] == {"市人力资源和社会保障局", "市教育局"}
    assert len(before["organisation.uscc"] | before["organisation.name"]) == 1


def test_addresses_schools_roads_and_stations_are_shared() -> None:
    now = _departments()
    for element in ("place.address", "service.school_code", "traffic.road_name", "air.station_code"):
        assert len(now[element]) >= 2, element


def test_before_binding_every_field_was_delivered_all_the_same() -> None:
    registry = load_registry(DEMO)
    before = before_binding(registry).contracts
    for name, contract in registry.contracts.items():
        assert {*before[name].fields, *before[name].ignore} == {*contract.fields, *contract.ignore}, name
        assert before[name].owner == contract.owner
