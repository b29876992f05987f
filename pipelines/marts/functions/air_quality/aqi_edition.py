"""Editions of the air quality index, from ``indices/`` of the packs: each a table of breakpoints and a few rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import Declaration, LocalizedText
from citylake.schemas.base.pack_folders import index_files
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.words.errors import CitylakeError

Breakpoints = tuple[Decimal, ...] | tuple[tuple[Decimal, Decimal], ...]
"""Steps, as the bounds between them (each step starts at the end of the last), or as pairs of first and last value."""

POLLUTANT_NAMES = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3", "pm10": "PM10", "pm25": "PM2.5"}
"""The pollutants with the spelling and in the order of the standards."""


class AqiIndicator(Declaration):
    """The breakpoints of one indicator: concentrations in ``unit`` (UCUM), rounded to ``places`` decimals.

    ``above``: the index above the last step, or ``none`` (no index), or ``extrapolate``. ``from_rung``: the step of the
    edition's index at which these breakpoints start, from 0.
    """

    unit: str
    limits: Breakpoints
    places: int = 0
    above: int | Literal["none", "extrapolate"]
    from_rung: int = 0


class AqiReport(Declaration):
    """The indicators of each pollutant, and the rule for a missing pollutant.

    ``missing``: ``publish`` ignores it; with ``above_100``, the index of the other pollutants is published only if it
    is above 100 (HJ 633-2026, 5.3.1). ``places``: decimals by indicator, if the publisher uses other than the
    indicator's own.
    """

    missing: Literal["publish", "above_100"]
    pollutants: dict[str, tuple[str, ...]]
    places: dict[str, int] = {}


class AqiClass(Declaration):
    """A class of the index, up to and including ``upto``; None: no upper bound."""

    upto: int | None = None
    name: LocalizedText
    colour: str


class AqiEdition(Declaration):
    """One edition of a standard, valid for observations from ``valid_from`` (inclusive) to ``valid_to`` (exclusive)."""

    id: str
    authority: str
    valid_from: date | None = None
    valid_to: date | None = None
    concentration: Literal["half_even", "truncate"]
    rounding: Literal["up", "half_up"]
    lowest: int = 0
    primary_from: int
    """The lowest index for which primary pollutants are reported."""
    index: tuple[int, ...] | tuple[tuple[int, int], ...]
    indicators: dict[str, AqiIndicator]
    reports: dict[str, AqiReport]
    classes: tuple[AqiClass, ...] = Field(min_length=1)

    @property
    def top(self) -> int:
        """The highest index in the table."""
        last = self.index[-1]
        return last if isinstance(last, int) else last[1]

    def indicator(self, name: str, report: str) -> AqiIndicator:
        """Return the indicator ``name`` with the decimals of ``report``."""
        found = self.indicators[name]
        return found.model_copy(update={"places": self.report(report).places.get(name, found.places)})

    def report(self, name: str) -> AqiReport:
        """Return the report ``name`` (daily, hourly, running). Raises AQI_REPORT_UNKNOWN if the edition lacks it."""
        if name not in self.reports:
            raise CitylakeError("AQI_REPORT_UNKNOWN", edition=self.id, report=name, known=", ".join(self.reports))
        return self.reports[name]


@cache
def load_aqi_editions() -> tuple[AqiEdition, ...]:
    """Return every edition, by authority, oldest first."""
    found = [AqiEdition.model_validate(read_yaml(path)) for path in index_files()]
    return tuple(sorted(found, key=lambda edition: (edition.authority, edition.valid_from or date.min)))


def find_aqi_edition(identity: str) -> AqiEdition:
    """Return the edition ``identity`` (``HJ 633-2026``). Raises AQI_EDITION_UNKNOWN."""
    for found in load_aqi_editions():
        if found.id == identity:
            return found
    raise CitylakeError("AQI_EDITION_UNKNOWN", edition=identity, known=", ".join(e.id for e in load_aqi_editions()))


def editions_by_authority(authority: str) -> tuple[AqiEdition, ...]:
    """Return the editions of one authority (``cn``, ``us``), oldest first."""
    return tuple(found for found in load_aqi_editions() if found.authority == authority)
