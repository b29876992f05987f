"""A box of longitudes and latitudes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def _check_box(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("[west, south, east, north] in degrees, as in [115.4, 39.4, 117.6, 41.1]")
    return box


PlaceBox = Annotated[tuple[float, float, float, float], AfterValidator(_check_box)]
"""West, south, east and north, degrees in WGS-84."""
