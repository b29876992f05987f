"""Chicago's portal on the loopback, in the shapes that its publisher documents: ``/chicago/resource/{id}.json``.

Two days, the second of which has 25 hours: ``2026-10-31`` and ``2026-11-01``. Numbers are texts, nulls are left out.
The faults in the rows are documented where the rows are generated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.routing import Route

from citylake.infra.city.protocols import chicago_sensors as sensors
from citylake.infra.city.protocols import chicago_services as services
from citylake.infra.city.protocols.socrata import SocrataTable, socrata_portal, socrata_row_id
from citylake.infra.city.serve.city_data import CityData

_UPDATED, _UPDATED_LAST = "2026-11-01T09:00:00.000Z", "2026-11-02T09:00:00.000Z"
_DATASETS: dict[str, tuple[tuple[str, ...], Callable[[], list[dict[str, Any]]]]] = {
    "n4j6-wkkf": (sensors.SEGMENT_COLUMNS, sensors.segments_now),
    "4g9f-3jbs": (sensors.HISTORY_COLUMNS, sensors.segments_history),
    "k7hf-8y75": (sensors.WEATHER_COLUMNS, sensors.beach_weather),
    "qmqz-2xku": (sensors.WATER_COLUMNS, sensors.beach_water),
    "v6vf-nfxy": (services.REQUEST_COLUMNS, services.service_requests),
    "r5kz-chrr": (services.LICENCE_COLUMNS, services.business_licences),
    "ydr8-5enu": (services.PERMIT_COLUMNS, services.building_permits),
}

_NUMBERS = frozenset(
    (
        "speed", "length", "latitude", "longitude", "start_latitude", "start_longitude", "air_temperature", "humidity",
        "interval_rain", "wind_direction", "wind_speed", "maximum_wind_speed", "barometric_pressure",
        "solar_radiation", "water_temperature", "turbidity", "wave_height", "wave_period", "community_area", "ward",
    )
)  # fmt: skip


def chicago_routes(held: CityData) -> list[Route]:
    """The portal's addresses."""
    return socrata_portal("/chicago", {name: _table(*dataset) for name, dataset in _DATASETS.items()})


def _table(columns: tuple[str, ...], rows: Callable[[], list[dict[str, Any]]]) -> SocrataTable:
    types = {":id": "row_identifier", ":updated_at": "fixed_timestamp", **{name: _type(name) for name in columns}}
    return SocrataTable(types, lambda: _whole(rows()))


def _type(column: str) -> str:
    if column == "time" or column.endswith(("_date", "_timestamp")):
        return "floating_timestamp"
    return "number" if column in _NUMBERS else "text"


def _whole(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the portal's system columns; only the last one was updated a day later than the others."""
    told = [{name: str(value) for name, value in row.items() if value is not None} for row in rows]
    updated = [_UPDATED] * (len(rows) - 1) + [_UPDATED_LAST]
    return [
        {":id": socrata_row_id(number), ":updated_at": moment, **row}
        for number, (moment, row) in enumerate(zip(updated, told, strict=True), 1)
    ]
