"""The true answers about farming, from what the registers rightly say; shared with no SQL."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.chain_truth import Batches, good_fields

WARM_DEGC = 8.0
_LONG = 2


def early_harvests(batches: Batches) -> set[tuple[str, str]]:
    """Harvest and operation of each harvest within the interval of a pesticide."""
    used = [row for row in good_fields(batches, "agriculture.operations") if row["work"] == "pest"]
    found = set()
    for harvest in good_fields(batches, "agriculture.harvests"):
        day = datetime.strptime(harvest["采收时间"], "%Y-%m-%d %H:%M").date()  # noqa: DTZ007
        for work in used:
            applied = datetime.strptime(work["day"], "%Y/%m/%d").date()  # noqa: DTZ007
            if work["plot"] == harvest["地块"] and applied <= day < applied + timedelta(days=int(work["wait_days"])):
                found.add((harvest["采收编号"], work["no"]))
    return found


def count_early_harvests(_: City, batches: Batches) -> int:
    """The batches that were harvested within the interval of a pesticide."""
    of_harvest = {row["采收编号"]: row["批次号"] for row in good_fields(batches, "agriculture.harvests")}
    return len({of_harvest[harvest] for harvest, _ in early_harvests(batches)})


def excursions(batches: Batches) -> set[tuple[str, datetime, int]]:
    """Store, first reading and number of readings of each time at which it was too warm for two readings or more."""
    readings = defaultdict[str, list[tuple[datetime, bool]]](list)
    for row in good_fields(batches, "agriculture.store_climate"):
        at = datetime.strptime(row["Zeit"], "%d.%m.%Y %H:%M")  # noqa: DTZ007
        readings[row["Lager"]].append((at, float(row["Temp"].replace(",", ".")) > WARM_DEGC))
    found = set()
    for store, series in readings.items():
        for warm, run in groupby(sorted(series), key=lambda reading: reading[1]):
            times = [at for at, _ in run]
            if warm and len(times) >= _LONG:
                found.add((store, times[0], len(times)))
    return found


def count_excursions(_: City, batches: Batches) -> int:
    """The times at which a store was too warm."""
    return len(excursions(batches))
