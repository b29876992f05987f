"""What the hotline's cases say of a place and of an enterprise: address, road, and the name as the caller knows it."""

from __future__ import annotations

from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.firms import Firm, city_firms, is_troubled
from citylake.infra.city.generate.plant_faults import CityRecord, PlantedBatch
from citylake.infra.city.generate.roads import random_address, road_of
from citylake.infra.city.generate.spelling import write_name

_ABOUT_ENTERPRISES = ("市容环境", "噪声扰民", "道路交通", "物业管理", "供水供电")
_COMPLAINTS = ("投诉", "举报", "求助", "建议")


def name_enterprises(city: City, batch: PlantedBatch) -> None:
    """Give each case an address; and an enterprise, if it complains of one. It changes no other field."""
    rng, firms = city.random("complaints"), city_firms(city)
    troubled = [firm for firm in firms if is_troubled(firm)]
    for record in batch.records:
        firm = _blamed(rng, record, firms, troubled)
        _locate(rng, record, firm)
        record.fields["sjdw"] = ""
        if firm:
            written = write_name(rng, firm.uscc, firm.name, exact=0.4, abbreviated=0.25)
            record.fields["sjdw"] = written.name
            batch.who[record.fields["ajbh"] or ""] = written


def is_open(record: CityRecord) -> bool:
    """Whether the case is not closed yet."""
    return record.fields["ajzt"] == "办理中"


def _blamed(rng: Random, record: CityRecord, firms: list[Firm], troubled: list[Firm]) -> Firm | None:
    fields = record.fields
    if fields["sqfl"] not in _ABOUT_ENTERPRISES or fields["sqlx"] not in _COMPLAINTS:
        return None
    if rng.random() > (0.95 if is_open(record) else 0.4):
        return None
    return rng.choice(troubled if troubled and is_open(record) and rng.random() < 0.8 else firms)


def _locate(rng: Random, record: CityRecord, firm: Firm | None) -> None:
    """The enterprise's address, or one in the district, as a caller says it: without the city."""
    if firm:
        address = firm.address
    else:
        short = (record.fields["ssqx"] or "")[:2]
        address = random_address(rng, next(place for place in DISTRICTS if place.short == short))[1]
    record.fields["sfdd"] = address.removeprefix("澜海市")
    record.fields["sfdl"] = road_of(address)
