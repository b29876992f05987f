"""The true answers: machines in a bad zone and assets that are leased twice, from the good records alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import combinations

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

_MM_AN_INCH = 25.4


def machines_in_bad_zones(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Registered machines whose newest reading while running is in zone C or D by the limits of its day."""
    groups = {each["设备编号"]: each["机组类别"] for each in _good(batches["assets.equipment"])}
    newest: dict[str | None, RecordFields] = {}
    for fields in _good(batches["assets.equipment_telemetry"]):
        code = fields["device"]
        if fields["state"] == "RUN" and (code not in newest or newest[code]["time"] < fields["time"]):  # type: ignore[operator]
            newest[code] = fields
    return sum(
        _velocity_mms(newest[code]) > _limit_bc(batches, group, (newest[code]["time"] or "")[:10])
        for code, group in groups.items()
        if code in newest
    )


def assets_leased_twice(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Pairs of leases of one asset that share a day."""
    leases = [
        (fields["资产编号"], date.fromisoformat(fields["起租日"] or ""), date.fromisoformat(fields["止租日"] or ""))
        for fields in _good(batches["assets.asset_leases"])
    ]
    return sum(
        one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2] for one, other in combinations(leases, 2)
    )


def _good(batch: PlantedBatch) -> list[RecordFields]:
    return [record.fields for record in batch.records if record.good]


def _velocity_mms(fields: RecordFields) -> float:
    return float(fields["vib_rms"] or "") * (_MM_AN_INCH if fields["vib_unit"] == "in/s" else 1)


def _limit_bc(batches: Mapping[str, PlantedBatch], group: str | None, day: str) -> float:
    rows = [row for row in _good(batches["assets.vibration_limits"]) if row["类别"] == group]
    in_force = max((row for row in rows if (row["版本起始"] or "") <= day), key=lambda row: row["版本起始"] or "")
    return float(in_force["B/C"] or "")
