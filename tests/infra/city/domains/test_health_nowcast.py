"""The nowcast: the mart computes the published formula, and it comes near the cases that the generator truly has."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import duckdb
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.health.epidemic import LONGEST_DELAY_DAYS, ill_persons, last_day
from citylake.infra.city.domains.health.expected_cases import Report, expected_cases
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE

SEEDS = range(1, 9)
WORST_ERROR = 0.15
"""Of the sum over a week, as a share of the true cases."""


def delivered(city: City) -> list[Report]:
    """Every report of the period, none of them spoiled."""
    return [(ill.onset, ill.delay_days) for ill in ill_persons(city) if ill.reported <= last_day(city)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cases_of_the_last_week_are_foretold_within_the_stated_bound(seed: int) -> None:
    city = City(seed=seed)
    week = [last_day(city) - timedelta(days=back) for back in range(7)]
    true = sum(ill.onset in week for ill in ill_persons(city))
    reports = delivered(city)
    expected = expected_cases(reports, last_day(city))
    foretold = float(sum(expected.get(day, 0) for day in week))
    reported = sum(onset in week for onset, _ in reports)
    assert abs(foretold - true) <= WORST_ERROR * true
    assert abs(foretold - true) < true - reported, "no better than the reports alone"


def test_the_mart_computes_what_the_exact_fractions_give_for_every_day_of_onset() -> None:
    city = City(seed=3)
    reports = delivered(city)
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA health")
        connection.execute("CREATE TABLE health.notifiable_cases (onset_on DATE, _day DATE)")
        rows = [(onset, onset + timedelta(days=delay)) for onset, delay in reports]
        connection.executemany("INSERT INTO health.notifiable_cases VALUES (?, ?)", rows)
        sql = (WHITEPAPER_WORKSPACE / "marts/health_watch/nowcast.sql").read_text("utf-8")
        found = connection.execute(sql).fetchall()
    exact = expected_cases(reports, last_day(city))
    counts = Counter(onset for onset, _ in reports)
    assert {day: (reported, expected) for day, reported, _, expected in found} == {
        day: (counts[day], pytest.approx(float(value), abs=0.006)) for day, value in exact.items()
    }


def test_a_day_whose_reports_are_all_in_expects_no_more() -> None:
    city = City(seed=3)
    reports = delivered(city)
    complete = last_day(city) - timedelta(days=LONGEST_DELAY_DAYS)
    expected = expected_cases(reports, last_day(city))
    assert expected[complete] == Counter(onset for onset, _ in reports)[complete]
