"""The enterprises as they truly are: what every department's list of them is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate import enterprises
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02

_POLLUTING = "CH"
_OVERDUE = 0.3
_BY_NAME = {district.name: district for district in DISTRICTS}


@dataclass(frozen=True, slots=True)
class Firm:
    """One enterprise that was in operation when the city started."""

    number: int
    uscc: str
    name: str
    district: District
    section: str
    address: str
    founded: str
    """Local date, ``YYYY-MM-DD``."""
    has_permit: bool
    """Holds a permit to discharge pollutants."""
    overdue_months: int
    """Months of social insurance that it owed on the first snapshot; 0: none."""

    @property
    def organisation_code(self) -> str:
        """The nine characters by which organisations were known before 2015: characters 9 to 17 of the USCC."""
        return self.uscc[8:17]

    @property
    def gcj02(self) -> tuple[str, str]:
        """Longitude and latitude on a vendor's map, GCJ-02, as text."""
        rng = Random(f"point/{self.uscc}")
        spot = self.district
        place = wgs84_to_gcj02(
            spot.longitude_deg + rng.uniform(-0.05, 0.05), spot.latitude_deg + rng.uniform(-0.04, 0.04)
        )
        return f"{place[0]:.6f}", f"{place[1]:.6f}"


def city_firms(city: City) -> list[Firm]:
    """The enterprises in operation, in order of their numbers."""
    return list(_city_firms(city))


# Most departments' data begin with them.
@lru_cache(maxsize=4)
def _city_firms(city: City) -> tuple[Firm, ...]:
    return tuple(
        _firm(city, number, {name: value or "" for name, value in fields.items()})
        for number, fields in enumerate(enterprises.founders(city), 1)
        if fields["经营状态"] == "存续"
    )


def is_troubled(firm: Firm) -> bool:
    """Whether the enterprise has a permit and owes social insurance."""
    return firm.has_permit and firm.overdue_months > 0


def _firm(city: City, number: int, fields: dict[str, str]) -> Firm:
    uscc, section = fields["统一社会信用代码"], fields["行业门类"]
    rng = city.random(f"firm/{uscc}")
    permit = section in _POLLUTING and rng.random() < 0.8
    overdue = rng.choice((1, 2, 3, 3, 5, 8)) if rng.random() < _OVERDUE else 0
    founded = datetime.strptime(fields["成立日期"], "%Y年%m月%d日").date()  # noqa: DTZ007
    return Firm(
        number,
        uscc,
        fields["企业名称"],
        _BY_NAME[fields["所属区"]],
        section,
        fields["住所"],
        founded.isoformat(),
        permit,
        overdue,
    )
