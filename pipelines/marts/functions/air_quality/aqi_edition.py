"""Editions of the air-quality index, from ``indices/`` of the packs: each a table of breakpoints and a few rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

from pydantic import Field

from citylake.schemas.model.declaration import Declaration, LocalizedText
from citylake.schemas.read.pack import index_files
from citylake.schemas.read.yaml_reader import read_yaml
from citylake.schemas.words.errors import CitylakeError

Breakpoints = tuple[Decimal, ...] | tuple[tuple[Decimal, Decimal], ...]
"""Rungs as the bounds between them (each begins where the last ends), or as pairs of first and last value."""

POLLUTANT_NAMES = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3", "pm10": "PM10", "pm25": "PM2.5"}
"""The pollutants as the standards write them, in the order in which they list them."""


class AqiIndicator(Declaration):
    """One ladder of concentrations in ``unit`` (UCUM), kept to ``places`` decimals.

    ``above``: the index over the last rung, ``none`` where this indicator then gives none, or ``extrapolate``.
    ``from_rung``: the rung of the edition's index with which this ladder begins.
    """

    unit: str
    limits: Breakpoints
    places: int = 0
    above: int | Literal["none", "extrapolate"]
    from_rung: int = 0


class AqiReport(Declaration):
    """The indicators of each pollutant, and what a missing pollutant means.

    ``above_100``: the index of the rest is published only where it is over 100 (HJ 633-2026, 5.3.1).
    ``places``: decimals kept by indicator, where the publisher keeps others than the indicator's own.
    """

    missing: Literal["publish", "above_100"]
    pollutants: dict[str, tuple[str, ...]]
    places: dict[str, int] = {}


class AqiClass(Declaration):
    """A class of the index, up to and with ``upto``."""

    upto: int | None = None
    name: LocalizedText
    colour: str


class AqiEdition(Declaration):
    """One edition of a standard, valid for observations from ``valid_from`` to before ``valid_to``."""

    id: str
    authority: str
    valid_from: date | None = None
    valid_to: date | None = None
    concentration: Literal["half_even", "truncate"]
    rounding: Literal["up", "half_up"]
    lowest: int = 0
    primary_from: int
    """The least index that has primary pollutants."""
    index: tuple[int, ...] | tuple[tuple[int, int], ...]
    indicators: dict[str, AqiIndicator]
    reports: dict[str, AqiReport]
    classes: tuple[AqiClass, ...] = Field(min_length=1)

    @property
    def top(self) -> int:
        """The highest index that the table defines."""
        last = self.index[-1]
        return last if isinstance(last, int) else last[1]

    def indicator(self, name: str, report: str) -> AqiIndicator:
        """The indicator ``name`` with the decimals that ``report`` keeps."""
        found = self.indicators[name]
        return found.model_copy(update={"places": self.report(report).places.get(name, found.places)})

    def report(self, name: str) -> AqiReport:
        """The report ``name`` (daily, hourly, running); AQI_REPORT_UNKNOWN where the edition has none."""
        if name not in self.reports:
            raise CitylakeError("AQI_REPORT_UNKNOWN", edition=self.id, report=name, known=", ".join(self.reports))
        return self.reports[name]


@cache
def load_aqi_editions() -> tuple[AqiEdition, ...]:
    """Every edition, oldest first."""
    found = [AqiEdition.model_validate(read_yaml(path)) for path in index_files()]
    return tuple(sorted(found, key=lambda edition: (edition.authority, edition.valid_from or date.min)))


def find_aqi_edition(identity: str) -> AqiEdition:
    """The edition ``identity`` (``HJ 633-2026``); AQI_EDITION_UNKNOWN where there is none."""
    for found in load_aqi_editions():
        if found.id == identity:
            return found
    raise CitylakeError("AQI_EDITION_UNKNOWN", edition=identity, known=", ".join(e.id for e in load_aqi_editions()))


def editions_by_authority(authority: str) -> tuple[AqiEdition, ...]:
    """The editions of one authority (``cn``, ``us``), oldest first."""
    return tuple(found for found in load_aqi_editions() if found.authority == authority)
