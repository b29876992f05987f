"""The true number of region-days whose surface water is worse than class III, from the records that are good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from statistics import fmean

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.ecology.quality_limits import GREATEST_PH, LEAST_PH, WATER_LIMITS
from citylake.infra.city.generate.plant_faults import PlantedBatch

_FIELDS = {"rjy": "溶解氧", "gmsyzs": "高锰酸盐指数", "ad": "氨氮", "zl": "总磷"}
_GOOD_CLASS, _WORST = 3, 6


def poor_water_days(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """The number of pairs of a region and a day with a section of class IV or worse."""
    readings: dict[tuple[str, str, str, bool], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in batches["environment.water_quality"].records:
        if record.good:
            fields = {name: value or "" for name, value in record.fields.items()}
            place = (fields["xzqh"], fields["jcsj"][:10], fields["dmbh"], fields["stlx"] == "湖泊")
            for name in ("ph", *_FIELDS):
                text = fields[name].strip("<L")
                if text not in ("", "—"):
                    readings[place][name].append(float(text))
    poor = {
        (region, day)
        for (region, day, _, lake), values in readings.items()
        if any(_class(name, fmean(each), lake=lake) > _GOOD_CLASS for name, each in values.items())
    }
    return len(poor)


def _class(name: str, mean: float, *, lake: bool) -> int:
    value = round(mean, 6)
    if name == "ph":
        return 1 if LEAST_PH <= value <= GREATEST_PH else _WORST
    bound, limits = WATER_LIMITS["湖库总磷" if lake and name == "zl" else _FIELDS[name]]
    return 1 + sum(value < limit if bound == "≥" else value > limit for limit in limits)
