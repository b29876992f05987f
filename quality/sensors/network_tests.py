"""The tests that compare a sensor with the others: silence of one among many, and siblings that disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from citylake.quality.sensors.sensor_series import AT, ENTITY
from citylake.quality.sensors.sibling_distance import (
    GROUP,
    LATITUDE,
    LONGITUDE,
    find_disagreement,
    group_siblings,
    hourly_values,
    near_siblings,
)
from citylake.quality.sensors.silent_sensor import (
    count_reporting,
    find_ended,
    find_pauses,
    keep_single_pauses,
    network_end,
    sensor_rhythm,
)
from citylake.schemas.model.sensor_rules import SiblingTest, SilentTest
from citylake.schemas.read.sensor_series_plan import SeriesPlan

_MOVES_DEG = 0.01
"""A sensor whose place varies by more than this (1 km) moves: it has no siblings, and may rest in its depot."""


@dataclass(slots=True)
class NetworkTests:
    """Takes what it needs of each group of sensors, and judges at the end.

    ``places``: ENTITY, LONGITUDE and LATITUDE of the sensors, if the rows do not have them. In memory: a row for each
    sensor and hour, with its values if there are siblings.
    """

    plan: SeriesPlan
    places: pl.DataFrame | None = None
    _reporting: list[pl.DataFrame] = field(default_factory=list)
    _rhythm: list[pl.DataFrame] = field(default_factory=list)
    _pauses: list[pl.DataFrame] = field(default_factory=list)
    _places: list[pl.DataFrame] = field(default_factory=list)
    _hours: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def add(self, series: pl.LazyFrame, measured: pl.LazyFrame) -> None:
        """Take what is needed of an ordered group; ``measured``: without rows that are missing values."""
        silent = self.plan.tests.silent
        if silent:
            heard = series.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in self.plan.values))
            parts = [count_reporting(heard), sensor_rhythm(heard), find_pauses(heard, silent)]
            for kept, part in zip((self._reporting, self._rhythm, self._pauses), pl.collect_all(parts), strict=True):
                kept.append(part)
        if self.plan.place:
            self._places.append(_places(series, *self.plan.place).collect())
        if not self._has_siblings:
            return
        for column in self.plan.values:
            if column not in self.plan.circular:
                self._hours.setdefault(column, []).append(hourly_values(measured, column).collect())
        if self._group:
            grouped = series.group_by(ENTITY).agg(pl.col(self._group).cast(pl.String).drop_nulls().min().alias(GROUP))
            self._places.append(grouped.collect())

    def judge(self) -> Iterator[pl.DataFrame]:
        """Return the spans of both tests."""
        places = _stacked(self._places) if self._places else self.places
        if places is not None and _moves(places):
            return
        silent, siblings = self.plan.tests.silent, self.plan.tests.siblings
        if silent and self._reporting:
            yield self._silent(silent)
        if siblings and places is not None and places.height > siblings.siblings:
            yield from self._siblings(siblings, places)

    @property
    def _group(self) -> str | None:
        siblings = self.plan.tests.siblings
        return siblings.group if siblings else None

    @property
    def _has_siblings(self) -> bool:
        known = self.plan.place or self._group or self.places is not None
        return bool(self.plan.tests.siblings and known)

    def _silent(self, test: SilentTest) -> pl.DataFrame:
        reporting = _stacked(self._reporting).group_by("_slot").agg(pl.col("sensors").sum())
        pauses = _stacked(self._pauses)
        end = network_end(reporting)
        if end is not None:
            ended = find_ended(_stacked(self._rhythm).lazy(), test, end).collect()
            pauses = pl.concat([pauses, ended])
        return keep_single_pauses(pauses, reporting, test)

    def _siblings(self, test: SiblingTest, places: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if test.group:
            pairs = group_siblings(places.select(ENTITY, GROUP))
        else:
            pairs = near_siblings(places.select(ENTITY, LONGITUDE, LATITUDE).drop_nulls(), test.radius_km)
        for column, parts in self._hours.items():
            hours = _stacked(parts).sort(ENTITY, AT).lazy()
            yield find_disagreement(hours, pairs, column, test).collect()


def _stacked(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts, how="diagonal")


def _moves(places: pl.DataFrame) -> bool:
    spread = places.select(pl.col("_spread").median()).item() if "_spread" in places.columns else None
    return (spread or 0.0) > _MOVES_DEG


def _places(series: pl.LazyFrame, longitude: str, latitude: str) -> pl.LazyFrame:
    east, north = (pl.col(name).cast(pl.Float64, strict=False) for name in (longitude, latitude))
    spread = pl.max_horizontal(east.max() - east.min(), north.max() - north.min())
    return series.group_by(ENTITY).agg(
        east.median().alias(LONGITUDE), north.median().alias(LATITUDE), spread.alias("_spread")
    )
