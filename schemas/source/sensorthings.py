"""OGC SensorThings services."""

from __future__ import annotations

from typing import Literal

from schemas.formats import JsonFormat
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class SensorthingsSource(HttpBase):
    """Observations of a SensorThings service."""

    connector: Literal["sensorthings"]
    format: AnyFormat = JsonFormat(records="value")
