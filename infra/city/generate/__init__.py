"""Every department's data, generated from one city, with a record of every planted fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import air, buses, detectors, enterprises, hotline, rain, stations, timetable

_MAKERS = (
    (hotline.generate_hotline, hotline.write_hotline_file),
    (enterprises.generate_enterprises, enterprises.write_enterprise_files),
    (detectors.generate_detectors, detectors.write_detector_files),
    (buses.generate_buses, buses.write_bus_files),
    (air.generate_air, air.write_air_file),
    (rain.generate_rain, rain.write_rain_files),
    (stations.generate_stations, stations.write_stations_file),
    (timetable.generate_timetable, timetable.write_timetable_zip),
)
_FOLDERS = ("api", "files/bus", "files/detector", "files/enterprise", "files/gtfs", "files/rain")

TRUTH_FILE = "truth.json"


def generate_city(folder: Path, city: City) -> dict[str, Any]:
    """Write the city's data below ``folder`` (``files/``, ``api/``, ``truth.json``) and return the truth.

    The truth has, by dataset: ``rows``, ``standard``, ``quarantined``, ``duplicates`` (exact), ``superseded`` (replaced
    by a newer file), ``unchanged`` (repeated by a later snapshot), ``issues`` (rows by issue code) and ``faults``
    (kind, issues, source, where: the record's key).
    """
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    truth: dict[str, Any] = {"seed": city.seed, "start": city.start.isoformat(), "days": city.days, "datasets": {}}
    for generate, write in _MAKERS:
        batch = generate(city)
        write(batch, folder)
        truth["datasets"][batch.dataset] = batch.truth()
    (folder / TRUTH_FILE).write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return truth
