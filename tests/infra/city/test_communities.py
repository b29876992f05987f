"""The register of streets, communities and grids: each lies in the one above it, and its code says so."""

from __future__ import annotations

from citylake.infra.city.communities import COMMUNITIES, GRIDS, STREETS
from citylake.infra.city.districts import DISTRICTS


def test_each_code_begins_with_that_of_the_division_above() -> None:
    assert {street.district.code for street in STREETS} == {district.code for district in DISTRICTS}
    assert all(len(each.code) == 9 and each.code.startswith(each.district.code) for each in STREETS)
    assert all(len(each.code) == 12 and each.code.startswith(each.street.code) for each in COMMUNITIES)
    assert all(len(each.code) == 15 and each.code.startswith(each.community.code) for each in GRIDS)


def test_codes_and_names_occur_once() -> None:
    for divisions in (STREETS, COMMUNITIES, GRIDS):
        assert len({each.code for each in divisions}) == len({each.name for each in divisions}) == len(divisions)
