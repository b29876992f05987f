"""The roads of the city: five a district, each with one name and one number that every department should use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from citylake.infra.city.districts import DISTRICTS, District

_NAMES = {
    "990101": ("江滨大道", "解放路", "钟楼街", "和平路", "码头街"),
    "990102": ("湖滨路", "大学路", "柳浪街", "明湖大道", "书院路"),
    "990103": ("北岭路", "松山路", "石桥街", "茶园路", "云岭大道"),
    "990104": ("南浦大道", "渔港路", "盐仓街", "观潮路", "灯塔街"),
    "990105": ("西苑路", "植物园路", "桂花街", "望山路", "竹林街"),
    "990106": ("创新大道", "科技路", "软件园路", "星海街", "经开大道"),
}


@dataclass(frozen=True, slots=True)
class CityRoad:
    """One road of a district."""

    code: str
    name: str
    district: District


def city_roads() -> Iterator[CityRoad]:
    """Every road of the city."""
    for district in DISTRICTS:
        for number, name in enumerate(_NAMES[district.code], 1):
            yield CityRoad(f"R{district.code[-2:]}{number:02d}", name, district)


@cache
def district_roads(district: District) -> tuple[CityRoad, ...]:
    """The roads of ``district``."""
    return tuple(road for road in city_roads() if road.district == district)


def street_address(road: CityRoad, number: int) -> str:
    """An address in full: city, district, road and house number."""
    return f"澜海市{road.district.name}{road.name}{number}号"


def random_address(rng: Random, district: District) -> tuple[CityRoad, str]:
    """A road of ``district``, and an address on it."""
    road = rng.choice(district_roads(district))
    return road, street_address(road, rng.randint(1, 299))


def road_of(address: str) -> str:
    """The name of the road in an address of :func:`street_address`."""
    return address.partition("区")[2].rstrip("号0123456789")
