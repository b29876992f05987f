"""The true answers about the city's utilities, from what truly happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.utilities.alarm_story import DARK, OPEN, component_alarms
from citylake.infra.city.domains.utilities.pipe_readings import LEAKING_ZONE
from citylake.infra.city.generate.plant_faults import PlantedBatch

Batches = Mapping[str, PlantedBatch]


def _open_covers(city: City, _: Batches) -> int:
    return sum(alarm.kind == OPEN and alarm.ended_at is None for alarm in component_alarms(city))


def _lamp_outage(city: City, batches: Batches) -> float:
    """Of the lamps that the register truly has, those that are out at 21:00 of the last day, %."""
    registered = batches["utilities.components"].records
    lamps = {each.fields["部件标识码"] for each in registered if each.good and each.fields["部件种类"] == "路灯"}
    night = city.at(city.hours) - timedelta(hours=3)
    dark = [alarm for alarm in component_alarms(city) if alarm.kind == DARK and alarm.lasts_at(night)]
    return round(100 * len({alarm.component.code for alarm in dark} & lamps) / len(lamps), 2)


def _leaking_zones(_: City, __: Batches) -> str:
    return LEAKING_ZONE


ANSWERS = {
    "facility_condition.open_covers": _open_covers,
    "facility_condition.lamp_outage": _lamp_outage,
    "facility_condition.leaking_zones": _leaking_zones,
}
