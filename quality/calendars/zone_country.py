"""The country of a time zone, by the tables of the IANA database."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


@cache
def zone_country(timezone: str) -> str:
    """Return the ISO 3166-1 code of the country for which ``timezone`` stands; empty for UTC, an offset or no zone.

    ``zone.tab`` names one country for each zone; an old name (``PRC``) has the country of the zone that it links to.
    """
    countries = {zone: code for code, _, zone in _rows("zone.tab", 3)}
    if timezone in countries:
        return countries[timezone]
    links = {name: zone for kind, zone, name in _rows("tzdata.zi", 3) if kind == "L"}
    return countries.get(links.get(timezone, ""), "")


def _rows(name: str, fields: int) -> Iterator[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    for line in text.splitlines():
        row = line.split()[:fields]
        if len(row) == fields and not line.startswith("#"):
            yield row
