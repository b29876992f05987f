"""Cold-chain transports: JSON lines with epoch milliseconds and degrees Fahrenheit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.food_chain import food_chain
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "cold_chain_trips.jsonl"
_UTC_PLUS_8 = timedelta(hours=8)
_WARM = 0.04


def generate_shipments(city: City) -> PlantedBatch:
    """One transport of every batch to the next site."""
    batch = PlantedBatch("provenance.shipments", ("waybill", "lot"), city.random("food shipments"))
    rng = batch.rng
    for number, made in enumerate(food_chain(city).batches, 1):
        departed = made.made_at + timedelta(minutes=rng.randrange(20, 100))
        warm = rng.random() < _WARM
        fields: RecordFields = {
            "waybill": f"W{number:07d}",
            "lot": made.code,
            "from.site": f"CD{rng.randint(1, 30):03d}",
            "to.site": f"CK{rng.randint(1, 12):03d}",
            "from.at": _epoch_ms(departed),
            "to.at": _epoch_ms(departed + timedelta(minutes=rng.randrange(25, 300))),
            "netKg": f"{made.kg:.1f}",
            "cargo.maxTempF": f"{rng.uniform(48, 60) if warm else rng.uniform(33, 40):.1f}",
        }
        batch.add(_FILE, fields)
    batch.plant("arrived before it departed", "SHIPMENT_ENDS_BEFORE_START", 4, _arrive_too_early)
    batch.plant("a temperature beyond every cargo", "VALUE_OUT_OF_RANGE", 3, replace_field("cargo.maxTempF", "999.5"))
    batch.plant("no lot", "REQUIRED_MISSING", 2, replace_field("lot", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("from.at", "soon"))
    batch.contradict(2, replace_field("netKg", "7.7"))
    batch.repeat(3)
    return batch


def write_shipments(batch: PlantedBatch, folder: Path) -> None:
    """Write one JSON object a line."""
    write_json_lines(
        folder / "files/provenance" / _FILE, (nest_fields(fields, numbers=True) for fields in batch.of(_FILE))
    )


def _epoch_ms(local: datetime) -> str:
    return str(int((local - _UTC_PLUS_8).replace(tzinfo=UTC).timestamp() * 1000))


def _arrive_too_early(fields: RecordFields, _: object) -> None:
    fields["to.at"] = str(int(fields["from.at"] or 0) - 3_600_000)
