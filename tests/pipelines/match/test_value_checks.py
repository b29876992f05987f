"""What the values of a field say for and against an element."""

from __future__ import annotations

import pytest

from citylake.pipelines.match.value_checks import check_values
from citylake.pipelines.match.value_profile import ValueProfile
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import ALL_PACKS


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(ALL_PACKS)


@pytest.mark.parametrize(
    ("element", "values", "code"),
    [
        ("organisation.uscc", ("91330100799655058B", "A1", "A2", "A3"), "no_check_digits"),
        ("place.longitude", ("541200.5", "541890.25"), "out_of_range"),
        ("traffic.flow", ("0012", "0013"), "padded_digits"),
        ("time.observed_at", ("1400000000", "1400000037"), "no_times"),
        ("place.geometry", ("North", "South"), "no_geometries"),
        ("organisation.name", ("2024-05-01", "2024-05-02"), "are_times"),
        ("transit.stop_id", ("1.25", "3.75"), "are_quantities"),
    ],
)
def test_what_an_element_cannot_have_rules_it_out(
    registry: Registry, element: str, values: tuple[str, ...], code: str
) -> None:
    found = check_values(registry.elements[element], ValueProfile.of(values), registry)
    assert found.contradicted
    assert code in [each.code for each in found.evidence]


@pytest.mark.parametrize(
    ("element", "values", "code"),
    [
        ("place.longitude", ("120.15", "-0.1"), "in_range"),
        ("time.observed_at", ("2024-05-01T10:15:00+08:00", "2024/05/01 10:20"), "times"),
        ("time.day", ("20240501", "2024年5月2日", "-9999"), "dates"),
        ("transit.arrival_time", ("25:10:00", "06:00:00"), "clock_times"),
        ("place.geometry", ("POINT (1 2)",), "geometries"),
    ],
)
def test_what_an_element_has_speaks_for_it(
    registry: Registry, element: str, values: tuple[str, ...], code: str
) -> None:
    found = check_values(registry.elements[element], ValueProfile.of(values), registry)
    assert not found.contradicted
    assert found.telling > 0
    assert code in [each.code for each in found.evidence]


def test_another_unit_is_doubted_and_not_ruled_out(registry: Registry) -> None:
    element = registry.elements["air.co"]
    found = check_values(element, ValueProfile.of(("900", "1200", "800")), registry)
    assert not found.contradicted
    assert [each.code for each in found.evidence if each.weight < 0] == ["other_unit"]


def test_seconds_since_1970_are_times_only_where_the_name_says_so(registry: Registry) -> None:
    profile = ValueProfile.of(("1400000000", "1400000037"))
    element = registry.elements["time.observed_at"]
    assert check_values(element, profile, registry).contradicted
    assert not check_values(element, profile, registry, named_as_time=True).contradicted
