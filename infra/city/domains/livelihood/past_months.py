"""The months and quarters that the departments report: those that are over when the city's period begins."""

from __future__ import annotations

from datetime import date, timedelta

from citylake.infra.city.city_model import City

MONTHS = 12


def past_months(city: City) -> list[date]:
    """The first days of the twelve months before the period, the oldest first."""
    first = city.start.replace(day=1)
    found = []
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found[::-1]


def quarter_ends(city: City) -> list[date]:
    """The last days of the last quarter of each three of these months."""
    months = past_months(city)
    return [_last_day(first) for first in months if first.month % 3 == 0]


def _last_day(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
