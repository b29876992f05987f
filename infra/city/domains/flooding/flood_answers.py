"""The true figures of the watch: score, choice of the threshold and recall, computed anew from the records."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.flooding.floods import road_depth_cm
from citylake.infra.city.domains.flooding.rules import RULE, is_tuning
from citylake.infra.city.domains.flooding.watch_inputs import (
    Batches,
    Flow,
    Place,
    depths_mm,
    flood_cases,
    flows,
    rain_mm,
)

_SATURDAY = 5
_MARGIN = 0.05
"""Gauges differ by so much from the true depth; hours nearer to the limit are decided by what they reported."""


@dataclass(frozen=True, slots=True)
class JudgedHour:
    """An hour of a district: its score, whether it is flooded ahead, and whether it may tune."""

    score: float
    flood_ahead: bool
    tuning: bool


def held_out_recall(city: City, batches: Batches) -> float | None:
    """Percentage of held-out hours with flooding ahead that had a warning; None in a city too dry to say."""
    hours = list(_judged(city, batches))
    threshold = best_threshold([hour for hour in hours if hour.tuning])
    flooded = [hour for hour in hours if hour.flood_ahead and not hour.tuning]
    if threshold is None or not flooded:
        return None
    return round(100.0 * sum(hour.score >= threshold for hour in flooded) / len(flooded), 1)


def flooded_hours(city: City, batches: Batches) -> int:
    """The planted hours of flooding; what the gauges reported decides where the depth is at the limit."""
    seen, count = depths_mm(city, batches), 0
    for district in DISTRICTS:
        for hour in range(city.hours):
            true_mm = 10 * road_depth_cm(city, district, hour)
            near = abs(true_mm - RULE.flood_limit_mm) <= _MARGIN * RULE.flood_limit_mm + 4
            count += (seen[district.code, hour] if near else true_mm) >= RULE.flood_limit_mm
    return count


def _judged(city: City, batches: Batches) -> Iterator[JudgedHour]:
    rain, cases, depth = rain_mm(city, batches), flood_cases(city, batches), depths_mm(city, batches)
    flow = flows(city, batches)
    usual = _usual_speeds(city, rain, flow)
    for district in DISTRICTS:
        for hour in range(city.hours - 1):
            tuning = is_tuning(city, city.at(hour).date())
            last = city.at(hour + RULE.ahead_h).date()
            if last > max(city.dates) or is_tuning(city, last) != tuning:
                continue
            place = district.code, hour
            ahead = [depth[district.code, hour + step] for step in range(1, RULE.ahead_h + 1)]
            rain_3h = sum(rain.get((district.code, hour - back), 0.0) for back in range(3))
            cases_3h = sum(cases[district.code, hour - back] for back in range(3))
            score = _score(rain_3h, cases_3h, _slow_pct(city, place, flow, usual))
            yield JudgedHour(round(score, 6), max(ahead) >= RULE.flood_limit_mm, tuning)


def _usual_speeds(city: City, rain: dict[Place, float], flow: dict[Place, Flow]) -> dict[tuple[str, int, bool], Flow]:
    found: dict[tuple[str, int, bool], Flow] = defaultdict(Flow)
    for (code, hour), seen in sorted(flow.items()):
        dry = sum(rain.get((code, hour - back), 0.0) for back in range(3)) == 0
        if dry and is_tuning(city, city.at(hour).date()):
            found[_kind(city, (code, hour))] += seen
    return found


def _kind(city: City, place: Place) -> tuple[str, int, bool]:
    when = city.at(place[1])
    return place[0], when.hour, when.weekday() >= _SATURDAY


def _slow_pct(city: City, place: Place, flow: dict[Place, Flow], usual: dict[tuple[str, int, bool], Flow]) -> float:
    now, before = flow.get(place, Flow()), usual.get(_kind(city, place), Flow())
    if not now.vehicles or not before.vehicles:
        return 0.0
    return max(0.0, 1 - (now.speeds / now.vehicles) / (before.speeds / before.vehicles)) * 100


def _score(rain_3h_mm: float, cases_3h: int, slow_pct: float) -> float:
    return (
        RULE.rain_weight * min(1.0, rain_3h_mm / RULE.rain_full_mm)
        + RULE.cases_weight * min(1.0, cases_3h / RULE.cases_full)
        + RULE.slow_weight * min(1.0, slow_pct / RULE.slow_full_pct)
    )


def best_threshold(tuning: list[JudgedHour]) -> int | None:
    """The whole score with the best F1 on tuning hours, the lowest of equal ones; None if no hour scores a point."""
    candidates = {math.floor(hour.score) for hour in tuning if hour.score >= 1}
    return min(candidates, key=lambda threshold: (-_f1(tuning, threshold), threshold), default=None)


def _f1(hours: list[JudgedHour], threshold: int) -> float:
    hits = sum(hour.flood_ahead and hour.score >= threshold for hour in hours)
    wrong = sum(hour.flood_ahead != (hour.score >= threshold) for hour in hours)
    return round(2 * hits / (2 * hits + wrong), 6) if hits + wrong else 0.0
