"""The hourly air table and the register of stations, as the sensor services report them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from citylake.infra.city.generate import air

CITY_ZONE = timezone(timedelta(hours=8))
POLLUTANTS = ("PM2.5", "PM10", "SO2", "NO2", "O3", "CO")


@dataclass(frozen=True, slots=True)
class AirHour:
    """One row of the table: its unchanged texts, and the start of its hour; None if that cannot be read."""

    number: int
    station: str
    began_text: str
    began: datetime | None
    texts: dict[str, str]

    def number_of(self, pollutant: str) -> float | None:
        """The concentration in µg/m³; None if the text is not a number."""
        try:
            return float(self.texts[pollutant])
        except ValueError:
            return None


def air_hours(folder: Path) -> list[AirHour]:
    """Every row, in the table's order."""
    with (folder / air.AIR_FILE).open(encoding="utf-8-sig", newline="") as file:
        return [_hour(number, row) for number, row in enumerate(csv.DictReader(file), 1)]


def _hour(number: int, row: dict[str, str]) -> AirHour:
    texts = {pollutant: row[pollutant] for pollutant in POLLUTANTS}
    return AirHour(number, row["站点名称"], row["时间"], _instant(row["时间"]), texts)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CITY_ZONE)
    except ValueError:
        return None
