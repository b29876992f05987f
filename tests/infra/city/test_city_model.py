from __future__ import annotations

from collections.abc import Callable
from statistics import correlation, mean

import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate import hotline

CITY = City()
HOURS = range(CITY.hours)
WEEKDAYS = [hour for hour in HOURS if CITY.at(hour).weekday() < 5]


def _traffic_at(*hours_of_day: int) -> float:
    return mean(CITY.traffic(d, hour) for d in DISTRICTS for hour in WEEKDAYS if CITY.at(hour).hour in hours_of_day)


def test_weekdays_have_two_rush_hours_and_quiet_nights() -> None:
    noon, night = _traffic_at(11), _traffic_at(2, 3)
    assert _traffic_at(8) > 1.5 * noon
    assert _traffic_at(18) > 1.5 * noon
    assert _traffic_at(8) > 8 * night


def test_weekends_have_no_morning_rush() -> None:
    weekend = [hour for hour in HOURS if CITY.at(hour).weekday() >= 5 and CITY.at(hour).hour == 8]
    assert mean(CITY.traffic(DISTRICTS[0], hour) for hour in weekend) < 0.5 * _traffic_at(8)


def test_full_roads_are_slow() -> None:
    for district in DISTRICTS:
        load = [CITY.traffic(district, hour) for hour in HOURS]
        assert correlation(load, [CITY.speed_share(district, hour) for hour in HOURS]) < -0.8


@pytest.mark.parametrize("gas", [CITY.no2_ugm3, CITY.co_mgm3])
def test_gases_follow_the_traffic_by_an_hour(gas: Callable[[District, int], float]) -> None:
    for district in DISTRICTS:
        seen = [gas(district, hour) for hour in HOURS[2:]]
        by_lag = [correlation(seen, [CITY.traffic(district, hour - lag) for hour in HOURS[2:]]) for lag in (0, 1, 2)]
        assert max(by_lag) == by_lag[1]


def test_rain_washes_the_particles_out() -> None:
    district = DISTRICTS[0]
    starts = [h for h in HOURS[1:-14] if CITY.rain_mm(district, h) > 0 and CITY.rain_mm(district, h - 1) == 0]
    before = mean(CITY.pm25_ugm3(district, hour - 1) for hour in starts)
    after = mean(min(CITY.pm25_ugm3(district, hour + n) for n in range(14)) for hour in starts)
    assert len(starts) >= 3
    assert after < 0.7 * before


def test_rain_makes_people_call_about_flooding_and_not_about_noise() -> None:
    wet_days = {CITY.at(hour).date() for hour in HOURS if CITY.rain_mm(DISTRICTS[0], hour) > 1}
    records = [record.fields for record in hotline.generate_hotline(CITY).records if not record.spoiled]

    def a_day(category: str, *, wet: bool) -> float:
        days = len(wet_days) if wet else CITY.days - len(wet_days)
        return (
            sum(r["sqfl"] == category and ((r["slsj"] or "")[:10] in map(str, wet_days)) == wet for r in records) / days
        )

    assert a_day("积水排水", wet=True) > 5 * a_day("积水排水", wet=False)
    assert 0.6 < a_day("噪声扰民", wet=True) / a_day("噪声扰民", wet=False) < 1.6
