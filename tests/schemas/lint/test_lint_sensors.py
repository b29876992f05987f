"""Sensor rules name columns and elements that exist, and pairs compare what can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace

SITES = """
dataset: place.readings
title: {zh: 读数, en: readings}
owner: {department: 交通局}
source: {connector: files, path: "*.csv", format: csv}
fields:
  code: {element: place.site_code}
  hour: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
  lon: {element: place.longitude, pair: lat}
  lat: {element: place.latitude, pair: lon}
write: {mode: append}
"""


def codes(clean: Path, sensors: str) -> list[tuple[str, str]]:
    (clean / "datasets/place/readings.yaml").write_text(f"{SITES.lstrip()}sensors: {sensors}\n", encoding="utf-8")
    return [(each.code, str(each.values.get("column", each.values.get("missing")))) for each in lint_workspace(clean)]


@pytest.mark.parametrize(
    ("sensors", "found"),
    [
        ("{entity: [site_code], time: hour_start, values: [longitude_deg]}", []),
        ("false", []),
        ("{entity: [sitecode], time: hour_start, values: [longitude_deg]}", [("COLUMN_UNKNOWN", "sitecode")]),
        ("{entity: [site_code], values: [longitude_deg]}", [("SENSORS_INCOMPLETE", "time")]),
        ("{entity: [site_code], time: hour_start}", [("SENSORS_INCOMPLETE", "values")]),
        (
            "{entity: [site_code], time: hour_start, values: [longitude_deg], "
            "pairs: [{lesser: longitude_deg, greater: latitud_deg}]}",
            [("COLUMN_UNKNOWN", "latitud_deg")],
        ),
    ],
)
def test_each_name_in_sensors_is_a_column(clean: Path, sensors: str, found: list[tuple[str, str]]) -> None:
    assert codes(clean, sensors) == found


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        ("{lesser: place.longitude, greater: place.latitude}", None),
        ("{lesser: place.longitude, greater: place.latitud}", "ELEMENT_UNKNOWN"),
        ("{lesser: place.longitude, greater: place.site_code}", "PAIR_UNITS_DIFFER"),
        ("{lesser: place.longitude}", "PAIRS_UNREADABLE"),
        ("{lesser: place.longitude, then_zero: place.latitude}", "PAIRS_UNREADABLE"),
    ],
)
def test_pairs_of_a_workspace_are_checked(clean: Path, pair: str, code: str | None) -> None:
    (clean / "pairs").mkdir()
    (clean / "pairs/own.yaml").write_text(f"- {pair}\n", encoding="utf-8")
    assert [each.code for each in lint_workspace(clean)] == ([code] if code else [])
