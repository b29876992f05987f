"""Every department's data, generated from one city, with a record of every planted fault."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import (
    air,
    buses,
    detectors,
    enterprises,
    hotline,
    insured_units,
    permits,
    rain,
    school_roads,
    schools,
    stations,
    taxpayers,
    timetable,
)
from citylake.infra.city.generate.enterprise_truth import enterprise_truth
from citylake.infra.city.generate.plant_faults import PlantedBatch

if TYPE_CHECKING:
    from citylake.infra.city.domains.city_domain import CityDomain

_MAKERS = (
    (hotline.generate_hotline, hotline.write_hotline_file),
    (enterprises.generate_enterprises, enterprises.write_enterprise_files),
    (detectors.generate_detectors, detectors.write_detector_files),
    (buses.generate_buses, buses.write_bus_files),
    (air.generate_air, air.write_air_file),
    (rain.generate_rain, rain.write_rain_files),
    (stations.generate_stations, stations.write_stations_file),
    (timetable.generate_timetable, timetable.write_timetable_zip),
    (taxpayers.generate_taxpayers, taxpayers.write_taxpayer_files),
    (insured_units.generate_insured_units, insured_units.write_insured_files),
    (permits.generate_permits, permits.write_permits_file),
    (schools.generate_schools, schools.write_schools_file),
    (school_roads.generate_school_roads, school_roads.write_school_roads_file),
)
_FILES = ("bus", "detector", "education", "enterprise", "gtfs", "rain", "school_roads", "social", "tax")
_FOLDERS = ("api", *(f"files/{name}" for name in _FILES))

TRUTH_FILE = "truth.json"


def generate_city(folder: Path, city: City, domains: Sequence[CityDomain] = ()) -> dict[str, Any]:
    """Write the city's data below ``folder`` (``files/``, ``api/``, ``truth.json``) and return the truth.

    The truth has, by dataset: ``rows``, ``standard``, ``quarantined``, ``duplicates`` (exact), ``superseded`` (replaced
    by a newer file), ``unchanged`` (repeated by a later snapshot), ``issues`` (rows by issue code) and ``faults``
    (kind, issues, source, where: the record's key). ``enterprises`` and ``question``: see :func:`enterprise_truth`.
    ``answers``: by ``<mart>.<question>`` what the marts of ``domains`` must answer.
    """
    for name in (*_FOLDERS, *(f"files/{domain.name}" for domain in domains)):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    truth: dict[str, Any] = {"seed": city.seed, "start": city.start.isoformat(), "days": city.days, "datasets": {}}
    batches: dict[str, PlantedBatch] = {}
    for generate, write in (*_MAKERS, *(maker for domain in domains for maker in domain.makers)):
        batch = generate(city)
        batches[batch.dataset] = batch
        write(batch, folder)
        truth["datasets"][batch.dataset] = batch.truth()
    truth |= enterprise_truth(batches)
    truth["answers"] = {
        name: answer(city, batches) for domain in domains for name, answer in sorted(domain.answers.items())
    }
    (folder / TRUTH_FILE).write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return truth
