"""Where roads flood, hour by hour: rain on sealed ground that the drains do not carry away.

Beiling has the most rain and hardly floods; a clogged culvert floods Xiyuan on one of the last days, and no rule
that was tuned before can know it.
"""

from __future__ import annotations

from functools import cache

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District

_SEALED = {"临江": 0.9, "东湖": 0.75, "北岭": 0.4, "南浦": 0.85, "西苑": 0.6, "高新": 0.8}
_DRAINED_MM, _KEPT, _CM_PER_MM = 2.2, 0.7, 2.5
_CLOGGED = "西苑"
_CLOGGED_DAYS = 2
"""The last days, on which the culvert is clogged."""
_CLOGGED_SEALED = 1.4


def road_depth_cm(city: City, district: District, hour: int) -> float:
    """Depth of water at the district's lowest road at the end of ``hour``, cm."""
    return _depths(city)[district.code][hour]


@cache
def _depths(city: City) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for district in DISTRICTS:
        standing, depths = 0.0, []
        for hour in range(city.hours):
            clogged = district.short == _CLOGGED and hour >= city.hours - 24 * _CLOGGED_DAYS
            sealed = _CLOGGED_SEALED if clogged else _SEALED[district.short]
            standing = max(0.0, _KEPT * standing + sealed * city.rain_mm(district, hour) - _DRAINED_MM)
            depths.append(_CM_PER_MM * standing)
        found[district.code] = depths
    return found
