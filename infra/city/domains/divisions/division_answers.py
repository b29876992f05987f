"""The true answers about the city's divisions, from the reports that hold and the change of the divisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import COMMUNITIES
from citylake.infra.city.domains.divisions.division_history import community_code_on
from citylake.infra.city.generate.plant_faults import PlantedBatch

_GROWN = "990106"
"""The district that got communities of another one."""
Batches = Mapping[str, PlantedBatch]


def _hazards(batches: Batches) -> Iterator[tuple[str, int]]:
    for record in batches["grid.community_reports"].records:
        if record.good:
            yield record.fields["SQDM"] or "", int(record.fields["YHS"] or 0)


def _by_the_day(_: City, batches: Batches) -> int:
    return sum(found for code, found in _hazards(batches) if code.startswith(_GROWN))


def _by_today(city: City, batches: Batches) -> int:
    now = {community_code_on(city, each, city.start): each.code for each in COMMUNITIES}
    return sum(found for code, found in _hazards(batches) if now.get(code, code).startswith(_GROWN))


ANSWERS = {
    "division_rollup.by_the_day": _by_the_day,
    "division_rollup.by_today": _by_today,
}
