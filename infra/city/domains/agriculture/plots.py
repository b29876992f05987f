"""The register of plots: GeoJSON with outlines in WGS-84, areas now in mu and now in hectares."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.agriculture.farm import Plot, city_farm
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit

_FILE = "plots.geojson"
_M2_OF_UNIT = {"亩": 2000 / 3, "公顷": 10_000.0}
_CROPS = {"21": "青菜", "22": "番茄", "23": "草莓", "24": "黄瓜"}
_M_PER_DEG = 111_195.0


def generate_plots(city: City) -> PlantedBatch:
    """Every plot."""
    batch = PlantedBatch("agriculture.plots", ("plotId", "crop"), city.random("plots"))
    for plot in city_farm(city).plots:
        unit = batch.rng.choice(tuple(_M2_OF_UNIT))
        fields: RecordFields = {
            "plotId": plot.code,
            "crop": _CROPS[plot.crop],
            "area": f"{plot.area_m2 / _M2_OF_UNIT[unit]:.3f}",
            "unit": unit,
            "grower": plot.grower.uscc,
            "district": plot.district.name,
            "geometry": json.dumps(_outline(plot)),
        }
        batch.add(_FILE, fields)
    batch.plant("hectares that are mu", "PLOT_AREA_DIFFERS", 2, _mix_units_up)
    batch.plant("a crop that no list has", "CODE_UNKNOWN", 1, replace_field("crop", "牧草"))
    batch.plant("a wrong check digit of the grower", "CHECK_DIGIT_WRONG", 1, _wrong_grower)
    batch.plant("no number", "REQUIRED_MISSING", 1, replace_field("plotId", None))
    return batch


def write_plots(batch: PlantedBatch, folder: Path) -> None:
    """Write a collection of features."""
    features = [_feature(fields) for fields in batch.of(_FILE)]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=0)
    (folder / "files/agriculture" / _FILE).write_text(text, encoding="utf-8")


def _feature(fields: RecordFields) -> dict[str, Any]:
    properties = {name: value for name, value in fields.items() if name != "geometry"}
    return {"type": "Feature", "properties": properties, "geometry": json.loads(fields["geometry"] or "null")}


def _outline(plot: Plot) -> dict[str, Any]:
    """The rectangle with its centre at the plot's place; positions in degrees, longitude first."""
    east = plot.wide_m / 2 / _M_PER_DEG / math.cos(math.radians(plot.latitude_deg))
    north = plot.high_m / 2 / _M_PER_DEG
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ring = [[round(plot.longitude_deg + x * east, 7), round(plot.latitude_deg + y * north, 7)] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def _mix_units_up(fields: RecordFields, _: object) -> None:
    fields["unit"] = "亩" if fields["unit"] == "公顷" else "公顷"


def _wrong_grower(fields: RecordFields, _: object) -> None:
    fields["grower"] = spoil_check_digit(fields["grower"] or "")
