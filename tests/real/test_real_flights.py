"""Flights: every departure, with its weather, and what the registers do not know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

WARNED = {
    "reference.tail_no→flights.aircraft": "50,094 unknown",
    "reference.destination_code→flights.airports": "7,602 unknown (SJU, BQN, STT, PSE)",
    "reference.origin_code+scheduled_departure_hour→flights.weather": "1,556 unknown",
}


def test_what_the_registers_do_not_know_is_warned_of_and_held_up_by_nothing(ran: Any) -> None:
    checks = {check["name"]: check for check in ran.dataset("flights.departures")["checks"]}
    broken = {name: check for name, check in checks.items() if not check["passed"]}
    assert broken.keys() == WARNED.keys()
    assert all(check["severity"] == "warning" for check in broken.values())
    assert all(check["observed"].startswith(WARNED[name]) for name, check in broken.items())
    assert broken["reference.tail_no→flights.aircraft"]["observed"].endswith("2,512 empty")


def test_every_departure_is_in_the_mart_once_with_the_weather_of_its_hour(ran: Any) -> None:
    sql = """SELECT count(*), count(DISTINCT (flight_date, carrier_code, flight_no, origin_code)),
        count(*) FILTER (WHERE NOT is_weather_known), count(*) FILTER (WHERE NOT is_aircraft_known),
        count(*) FILTER (WHERE tail_no IS NULL), count(carrier_name) FROM departures_weather"""
    assert ran.ask("departures_weather", sql) == [(336_776, 336_776, 1_556, 52_606, 2_512, 336_776)]


def test_the_mart_is_in_one_unit(ran: Any) -> None:
    sql = """SELECT min(air_temperature_degc), max(air_temperature_degc), max(visibility_km), max(flight_distance_km)
        FROM departures_weather"""
    (found,) = ran.ask("departures_weather", sql)
    assert found == pytest.approx(((10.94 - 32) / 1.8, (100.04 - 32) / 1.8, 16.09344, 4983 * 1.609344))


def test_a_wind_of_a_thousand_miles_an_hour_is_refused(ran: Any) -> None:
    (row,) = ran.quarantine("flights.weather").iter_rows(named=True)
    assert (row["_source"], row["codes"]) == ("weather.csv", ["VALUE_OUT_OF_RANGE"])
    assert row["reasons"][0]["value"] == "1048.36058"


def test_the_hour_that_autumn_gives_twice_is_kept_twice(ran: Any) -> None:
    both = [datetime(2013, 11, 3, hour, tzinfo=UTC) for hour in (5, 6)]
    weather = ran.standard("flights.weather").filter(pl.col("hour_start").is_in(both))
    local = weather["hour_start"].dt.convert_time_zone("America/New_York").dt.hour()
    assert weather.group_by("airport_code").len()["len"].to_list() == [2, 2, 2]
    assert set(local) == {1}


def test_the_scheduled_hour_is_that_of_the_scheduled_time(ran: Any) -> None:
    departures = ran.standard("flights.departures")
    hour = departures["scheduled_departure_at"].dt.truncate("1h")
    assert (hour == departures["scheduled_departure_hour"]).all()
