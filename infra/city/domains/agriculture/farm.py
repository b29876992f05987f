"""The farms as they truly are: plots, what was done on them, and what was harvested from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.domains.provenance.food_chain import PRODUCE, food_chain
from citylake.infra.city.generate.firms import Firm, city_firms

_PLOTS_OF_CROP = 10
_RURAL = ("990103", "990104", "990106")
_PESTICIDES = (("吡虫啉", 7), ("阿维菌素", 5), ("嘧菌酯", 3), ("氯虫苯甲酰胺", 1), ("代森锰锌", 10))


@dataclass(frozen=True, slots=True)
class Plot:
    """A rectangular field. ``wide_m`` and ``high_m``: its sides."""

    code: str
    crop: str
    grower: Firm
    district: District
    longitude_deg: float
    latitude_deg: float
    wide_m: float
    high_m: float

    @property
    def area_m2(self) -> float:
        """The area."""
        return self.wide_m * self.high_m


@dataclass(frozen=True, slots=True)
class Operation:
    """Work on a plot. ``kind``: 1 sowing, 2 fertiliser, 3 pesticide, 4 irrigation; ``interval_d``: of pesticides."""

    plot: str
    kind: str
    day: date
    material: str
    interval_d: int | None = None


@dataclass(frozen=True, slots=True)
class Harvest:
    """``kg`` of a plot that became ``batch``."""

    plot: str
    batch: str
    at: datetime
    kg: float


@dataclass(slots=True)
class Farm:
    """Everything that happened on the farms of the city."""

    plots: list[Plot] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    harvests: list[Harvest] = field(default_factory=list)


@cache
def city_farm(city: City) -> Farm:
    """The farms of ``city``; batches that were grown are those of the food chain."""
    rng, farm = city.random("farm"), Farm()
    growers = city_firms(city)[-30:]
    for number in range(len(PRODUCE) * _PLOTS_OF_CROP):
        farm.plots.append(_plot(rng, number, growers))
    for plot in farm.plots:
        farm.operations += _operations(city, rng, plot)
    for batch in food_chain(city).of_kind("3"):
        plot = rng.choice([each for each in farm.plots if each.crop == batch.product])
        at = batch.made_at - timedelta(minutes=rng.randrange(30, 300))
        farm.harvests.append(Harvest(plot.code, batch.code, at, batch.kg * rng.uniform(1.0, 1.03)))
    return farm


def _plot(rng: Random, number: int, growers: list[Firm]) -> Plot:
    district = next(each for each in DISTRICTS if each.code == _RURAL[number % len(_RURAL)])
    return Plot(
        f"DK{district.code}{number + 1:04d}",
        PRODUCE[number % len(PRODUCE)],
        rng.choice(growers),
        district,
        district.longitude_deg + rng.uniform(-0.05, 0.05),
        district.latitude_deg + rng.uniform(-0.04, 0.04),
        rng.randrange(60, 200),
        rng.randrange(40, 150),
    )


def _operations(city: City, rng: Random, plot: Plot) -> list[Operation]:
    def day(first: int, last: int) -> date:
        return city.start + timedelta(days=rng.randint(first, last))

    found = [Operation(plot.code, "1", day(-60, -35), "种苗"), Operation(plot.code, "2", day(-30, -10), "复合肥")]
    for _ in range(rng.randint(1, 2)):
        name, interval = rng.choice(_PESTICIDES)
        found.append(Operation(plot.code, "3", day(-20, 3), name, interval))
    return [*found, Operation(plot.code, "4", day(0, city.days - 1), "水")]
