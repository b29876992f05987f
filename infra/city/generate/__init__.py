"""Every department's data, made from one city; and the truth about what was planted in them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from infra.city.generate import air, buses, detectors, enterprises, hotline, rain, stations, timetable
from infra.city.model import City

_MAKERS = (hotline, enterprises, detectors, buses, air, rain, stations, timetable)
_FOLDERS = ("api", "files/bus", "files/detector", "files/enterprise", "files/gtfs", "files/rain")

TRUTH = "truth.json"


def generate(folder: Path, city: City) -> dict[str, Any]:
    """Write the city's data below ``folder`` (``files/``, ``api/``, ``truth.json``) and return the truth.

    The truth has, by dataset: ``rows``, ``standard``, ``quarantined``, ``duplicates`` (exact), ``superseded`` (replaced
    by a newer file), ``unchanged`` (said again by a later snapshot), ``issues`` (rows by issue code) and ``faults``
    (kind, issues, source, where: the record's key).
    """
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    truth: dict[str, Any] = {"seed": city.seed, "start": city.start.isoformat(), "days": city.days, "datasets": {}}
    for maker in _MAKERS:
        batch = maker.build(city)
        maker.write(batch, folder)
        truth["datasets"][batch.dataset] = batch.truth()
    (folder / TRUTH).write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return truth
