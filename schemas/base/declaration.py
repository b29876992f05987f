"""The base of everything that is declared in YAML."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Declaration(BaseModel):
    """Immutable and closed: an unknown key is a fault, it is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class LocalizedText(Declaration):
    """The same text in Chinese and English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """The text in ``language`` (``zh`` or ``en``)."""
        return self.zh if language == "zh" else self.en


Duration = Annotated[str, StringConstraints(pattern=r"^(\d{1,9}(ms|s|m)|\d{1,6}h|\d{1,5}(d|w)|\d{1,4}mo|\d{1,3}y)$")]
"""A duration in polars' notation: ``1h``, ``15m``, ``26h``, ``1d``; less than two thousand years, which a date has."""
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": 30 * 86_400, "y": 365 * 86_400}


def parse_duration(duration: str) -> timedelta:
    """``26h`` as a timedelta; a month counts as 30 days and a year as 365."""
    matched = re.fullmatch(r"(\d+)(ms|s|m|h|d|w|mo|y)", duration)
    if matched is None:
        raise ValueError(duration)
    return timedelta(seconds=int(matched[1]) * _SECONDS[matched[2]])


def is_calendar_period(duration: str) -> bool:
    """Whether ``duration`` counts days, weeks, months or years: their length depends on the calendar and the zone."""
    return duration.lstrip("0123456789") in ("d", "w", "mo", "y")


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
"""Lower-case words joined by ``_``, subjects before kinds, joined by ``.``: ``traffic.mean_speed``."""

ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A column of a standard or curated table."""
