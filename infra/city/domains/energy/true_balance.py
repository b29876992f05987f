"""The true answers: the balance of the grid and the PUE, from the good records and never from a mart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from statistics import fmean

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

_LEAST_QUARTERS = 3
_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")
_EPOCH = datetime(1970, 1, 1, 8)  # noqa: DTZ001 (local time of the city)
_Means = dict[datetime, dict[str, float]]
_Read = Callable[[RecordFields], tuple[str, datetime, float]]


def lost_share_pct(_: City, batches: Mapping[str, PlantedBatch]) -> float:
    """Which share of the supply of all complete hours is neither used nor stored, per cent to two places."""
    load = _hourly(batches["energy.grid_load"], _load, _LEAST_QUARTERS)
    moved = _hourly(batches["energy.storage"], _stored, _LEAST_QUARTERS)
    given = _hourly(batches["energy.generation"], _generated, 1)
    came = _hourly(batches["energy.grid_exchange"], _exchanged, 1)
    parts = (load, moved, given, came)
    lost = supply = 0.0
    for hour in sorted(set.intersection(*(set(part) for part in parts))):
        if all(len(part[hour]) == _known_of_day(part, hour) for part in parts):
            sums = [sum(part[hour].values()) for part in parts]
            supply += sums[2] + sums[3]
            lost += sums[2] + sums[3] - sums[0] - sums[1]
    return round(100 * lost / supply, 2)


def mean_pue(_: City, batches: Mapping[str, PlantedBatch]) -> float:
    """Energy of both data centres over that of their IT equipment, in all hours of which three quarters are known."""
    total = _hourly(batches["energy.datacentre_power"], _facility, _LEAST_QUARTERS)
    it = _hourly(batches["energy.datacentre_power"], _it, _LEAST_QUARTERS)
    facility_kwh = sum(sum(sites.values()) for sites in total.values())
    it_kwh = sum(sum(sites.values()) for sites in it.values())
    return round(facility_kwh / it_kwh, 3)


def _hourly(batch: PlantedBatch, read: _Read, least: int) -> _Means:
    """Hour → thing → the mean of its readings, kW, where at least ``least`` are known."""
    found: dict[tuple[datetime, str], list[float]] = defaultdict(list)
    for name, start, power in _good(batch, read):
        found[start.replace(minute=0), name].append(power)
    means: _Means = defaultdict(dict)
    for (hour, name), powers in found.items():
        if len(powers) >= least:
            means[hour][name] = fmean(powers)
    return means


def _good(batch: PlantedBatch, read: _Read) -> Iterator[tuple[str, datetime, float]]:
    return (read(record.fields) for record in batch.records if record.good)


def _known_of_day(means: _Means, hour: datetime) -> int:
    return len({name for each in means if each.date() == hour.date() for name in means[each]})


def _load(fields: RecordFields) -> tuple[str, datetime, float]:
    day, clock = (fields["时标"] or "").split()
    hours, minutes = map(int, clock.split(":"))
    end = datetime.strptime(day, "%Y/%m/%d") + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ007
    power = float((fields["有功功率(MW)"] or "").translate(_DIGITS))
    return fields["线路编号"] or "", end - timedelta(minutes=15), 1000 * power


def _stored(fields: RecordFields) -> tuple[str, datetime, float]:
    start = _EPOCH + timedelta(milliseconds=int(fields["ts"] or ""))
    return fields["ess"] or "", start, float(fields["p.kw"] or "")


def _generated(fields: RecordFields) -> tuple[str, datetime, float]:
    return fields["plantId"] or "", datetime.fromisoformat(fields["hour"] or ""), float(fields["avgKw"] or "")


def _exchanged(fields: RecordFields) -> tuple[str, datetime, float]:
    day = datetime.strptime(fields["day"] or "", "%Y%m%d")  # noqa: DTZ007
    return fields["line"] or "", day + timedelta(hours=int(fields["hour"] or "") - 1), 1000 * float(fields["mw"] or "")


def _facility(fields: RecordFields) -> tuple[str, datetime, float]:
    return fields["dc"] or "", _EPOCH + timedelta(seconds=int(fields["epoch"] or "")), float(fields["totalKw"] or "")


def _it(fields: RecordFields) -> tuple[str, datetime, float]:
    return fields["dc"] or "", _EPOCH + timedelta(seconds=int(fields["epoch"] or "")), float(fields["itKw"] or "")
