"""The six districts of the fictional city 澜海市 and their locations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class District:
    """One district. ``bustle`` scales traffic, cases and enterprises (1 is the city's mean)."""

    code: str
    name: str
    short: str
    longitude_deg: float
    latitude_deg: float
    bustle: float
    wetness: float
    """Factor applied to the city's rain."""


DISTRICTS = (
    District("990101", "临江区", "临江", 120.94, 30.48, 1.45, 1.00),
    District("990102", "东湖区", "东湖", 121.12, 30.52, 1.15, 1.25),
    District("990103", "北岭区", "北岭", 120.90, 30.70, 0.65, 1.35),
    District("990104", "南浦区", "南浦", 120.98, 30.30, 0.80, 0.85),
    District("990105", "西苑区", "西苑", 120.74, 30.46, 0.90, 0.95),
    District("990106", "高新区", "高新", 121.02, 30.40, 1.05, 0.80),
)
