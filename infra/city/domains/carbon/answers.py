"""The true answers about carbon."""

from __future__ import annotations

from collections.abc import Mapping

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.carbon.energy_use import UNITS
from citylake.infra.city.domains.carbon.factors import FACTOR_COLUMNS, SCALES
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields


def co2_of_2025(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Carbon dioxide of all good returns of 2025, each carrier by the factor that was in force, in whole tonnes."""
    returns = _good(batches["carbon.energy_use"])
    factors = _good(batches["carbon.factors"])
    found = 0.0
    for fields in returns:
        month = fields["单位.统计月"] or ""
        if month.startswith("2025"):
            found += sum(_co2(fields, carrier, f"{month[:4]}/{month[4:]}/01", factors) for carrier in UNITS)
    return round(found)


def _good(batch: PlantedBatch) -> list[RecordFields]:
    return [record.fields for record in batch.records if record.good]


def _co2(fields: RecordFields, carrier: str, day: str, factors: list[RecordFields]) -> float:
    amount = fields[f"{carrier}.消费量"]
    if amount is None:
        return 0.0
    column = FACTOR_COLUMNS[carrier]
    factor = next(
        float(each[column] or 0) * SCALES[column]
        for each in factors
        if each["能源品种"] == carrier and (each["启用日期"] or "") <= day < (each["停用日期"] or "9999")
    )
    return float(amount) * UNITS[carrier][fields[f"{carrier}.计量单位"] or ""] * factor
