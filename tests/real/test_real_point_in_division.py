"""A mart joins points to the divisions that they lie in, with DuckDB's spatial functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.read.mart_reader import query_mart
from tests.pipelines.conform.test_geometries import collection, declare, square


def test_a_mart_finds_the_division_of_a_point(trial: Any, data: Path) -> None:
    codes = (
        pl.read_csv(data / "divisions/result.csv", infer_schema=False)
        .filter(pl.col("级别") == "县级")["代码"]
        .to_list()[:9]
    )
    divisions = [
        (code, {"type": "Polygon", "coordinates": square(116 + number, 39, 1)}) for number, code in enumerate(codes)
    ]
    (declare(trial, "geo") / "a.geojson").write_text(collection(divisions))
    sites = [(f"S{number}", {"type": "Point", "coordinates": [116.5 + number, 39.5]}) for number in range(9)]
    (declare(trial, "geo", "place.sites") / "s.geojson").write_text(
        collection([*sites, ("S9", {"type": "Point", "coordinates": [1, 1]})])
    )
    trial.declare(
        "marts/where/mart",
        {
            "mart": "where",
            "title": {"zh": "所在", "en": "where"},
            "audience": {"zh": "分析人员", "en": "analysts"},
            "tables": {
                "sites": {
                    "title": {"zh": "点", "en": "sites"},
                    "grain": ["site"],
                    "columns": {
                        "site": {"element": "facility.code"},
                        "division": {"element": "facility.code"},
                        "geometry": {"element": "place.geometry"},
                    },
                }
            },
        },
    )
    (trial.root / "workspace/marts/where/sites.sql").write_text(
        "SELECT s.facility_code AS site, d.facility_code AS division, s.geometry AS geometry "
        "FROM place.sites AS s LEFT JOIN place.areas AS d "
        "ON ST_Contains(ST_GeomFromWKB(d.geometry), ST_GeomFromWKB(s.geometry))"
    )
    outcome = trial.run()
    assert [each["status"] for each in outcome.document["marts"]] == ["published"], outcome.document["marts"]
    _, rows = query_mart(trial.lake, "where", "SELECT site, division FROM sites ORDER BY site")
    assert rows == [*((f"S{number}", code) for number, code in enumerate(codes)), ("S9", None)]
