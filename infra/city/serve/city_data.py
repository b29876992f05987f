"""The data of the services: the generated folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from citylake.infra.city.generate import hotline, stations


@dataclass
class CityData:
    """The generated folder, and the state of a service between requests."""

    folder: Path
    memory: dict[str, Any] = field(default_factory=dict)
    """The state of each service by its name; ``lock`` guards it."""
    lock: Lock = field(default_factory=Lock)

    @cached_property
    def cases(self) -> list[dict[str, Any]]:
        """The hotline's cases."""
        return self.records(hotline.HOTLINE_FILE)

    @cached_property
    def stations(self) -> list[dict[str, Any]]:
        """The register of air stations; coordinates in GCJ-02."""
        return self.records(stations.STATIONS_FILE)

    def records(self, file: str) -> list[dict[str, Any]]:
        """A generated JSON file: a list of records."""
        found: list[dict[str, Any]] = json.loads((self.folder / file).read_bytes())
        return found
