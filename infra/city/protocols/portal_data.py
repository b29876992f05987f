"""The data of both open-data portals: the hotline's cases, typed as portals do."""

from __future__ import annotations

from typing import Any

from citylake.infra.city.generate import hotline
from citylake.infra.city.serve.city_data import CityData

CASE_FIELDS = ("ajbh", "slsj", "bjsj", "ssqx", "sqlx", "sqfl", "ajzt", "myd")


def portal_cases(held: CityData) -> list[dict[str, Any]]:
    """The cases as they are on disk now: a test may change them between two pulls. Empty texts become nulls."""
    return [{name: row.get(name) or None for name in CASE_FIELDS} for row in held.records(hotline.HOTLINE_FILE)]
