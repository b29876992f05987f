"""What the mart of livelihood must answer, from the records that are good."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.livelihood.past_months import past_months
from citylake.infra.city.generate.plant_faults import PlantedBatch


def free_beds(city: City, batches: Mapping[str, PlantedBatch]) -> int:
    """The beds of care homes that nobody had at the end of the newest month."""
    newest = f"yl_{past_months(city)[-1]:%Y%m}.xlsx"
    good = [each.fields for each in batches["livelihood.elderly_care"].records if each.good and each.source == newest]
    return sum(int(fields["规模.床位数"] or 0) - int(fields["规模.在住人数"] or 0) for fields in good)


def online_sales(_: City, batches: Mapping[str, PlantedBatch]) -> float:
    """What villages sold online in all quarters, CNY."""
    good = [each.fields for each in batches["livelihood.villages"].records if each.good]
    return float(sum(Decimal(fields["wllse_wy"] or 0) for fields in good) * 10_000)
