"""Hourly readings of monitored outlets: archives of HJ 212 messages, with what else a data logger sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.emissions.outlets import GAS_FACTORS, TIGHTER_FROM, Outlet, city_outlets
from citylake.infra.city.generate.plant_faults import (
    PlantedBatch,
    PlantedFault,
    RecordFields,
    replace_field,
)
from citylake.infra.city.protocols.hj212_frames import hj212_frame, hj212_message, hj212_segments

_PASSWORD = "LH7k2Q"  # noqa: S105 of fictional devices
_KINDS = ("Min", "Avg", "Max", "ZsAvg", "Flag")
_KEY = ("MN", "DataTime", "factor")
_LOST, _BROKEN, _CUT, _SEGMENT = "lost", "broken", "cut", "segment"


def generate_readings(city: City) -> PlantedBatch:
    """A record for each outlet, hour and factor; some hours never came, and some came damaged."""
    batch = PlantedBatch("emissions.outlet_readings", _KEY, city.random("emissions.readings"))
    for outlet in (each for each in city_outlets(city) if each.device_no):
        fate, over = _fates(batch.rng, city), set(batch.rng.sample(range(city.hours), 9))
        stopped = batch.rng.randrange(city.hours - 12)
        for hour in range(city.hours):
            flag = "F" if stopped <= hour < stopped + 6 else "M" if hour % 97 == 5 else "N"
            made = [_fields(batch.rng, city, outlet, hour, factor, flag, hour in over) for factor in GAS_FACTORS]
            _add(batch, made, fate.get(hour, ""))
    _spoil(batch)
    return batch


def write_reading_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one archive a day."""
    for name, records in batch.by_source().items():
        (folder / "files/emissions" / name).write_bytes(b"".join(_frames(records)))


def _fates(rng: Random, city: City) -> dict[int, str]:
    """What becomes of some hours' messages."""
    kinds = [_LOST] * 11 + [_BROKEN] * 2 + [_CUT, _SEGMENT]
    return dict(zip(rng.sample(range(city.hours), len(kinds)), kinds, strict=True))


def _fields(rng: Random, city: City, outlet: Outlet, hour: int, factor: str, flag: str, over: bool) -> RecordFields:
    at = city.at(hour)
    limit = outlet.limits_mgm3[factor][at.date() >= TIGHTER_FROM]
    converted = limit * (rng.uniform(1.05, 1.6) if over and factor == "a21026" else rng.uniform(0.35, 0.92))
    mean = converted * rng.uniform(0.8, 0.98) if flag != "F" else converted * 0.02
    return {
        "QN": f"{at + timedelta(hours=1, minutes=2):%Y%m%d%H%M%S}{int(outlet.code[-4:]):03d}"[:17],
        "MN": outlet.device_no,
        "DataTime": f"{at:%Y%m%d%H%M%S}",
        "factor": factor,
        "factor-Min": f"{mean * rng.uniform(0.6, 0.9):.2f}",
        "factor-Avg": f"{mean:.2f}",
        "factor-Max": f"{mean * rng.uniform(1.1, 1.6) + 0.01:.2f}",
        "factor-ZsAvg": f"{converted:.2f}",
        "factor-Flag": flag,
    }


def _add(batch: PlantedBatch, made: list[RecordFields], fate: str) -> None:
    source = f"hj212_{(made[0]['DataTime'] or '')[:8]}.txt"
    if fate == "":
        for fields in made:
            batch.add(source, fields)
    for frame in _damaged(made, fate):
        batch.add(source, {"frame": frame}).spoiled = True
        batch.records[-1].good = False
        shown: RecordFields = {"_line": frame.strip().replace(_PASSWORD, "***")}
        batch.faults.append(PlantedFault(f"a {fate} frame", (_CODES[fate],), source, shown))


_CODES = {_BROKEN: "HJ212_CRC_WRONG", _CUT: "HJ212_LENGTH_WRONG", _SEGMENT: "HJ212_SEGMENT_MISSING"}


def _damaged(made: list[RecordFields], fate: str) -> list[str]:
    if fate in (_BROKEN, _CUT):
        whole = _frame(_message(made)).decode()
        digit = whole.index("-Avg=") + 5
        return [
            whole[:digit] + f"{(int(whole[digit]) + 1) % 10}" + whole[digit + 1 :]
            if fate == _BROKEN
            else whole[:150] + "\r\n"
        ]
    return [_frame(_segments(made)[0]).decode()] if fate == _SEGMENT else []


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a negative mean", "VALUE_OUT_OF_RANGE", 4, replace_field("factor-ZsAvg", "-3.1"))
    batch.plant("a value in words", "VALUE_UNREADABLE", 4, replace_field("factor-ZsAvg", "****", "NaNQ"))
    batch.plant("a factor that no list has", "CODE_UNKNOWN", 3, replace_field("factor", "a99999"))
    batch.plant("a flag that no list has", "CODE_UNKNOWN", 3, replace_field("factor-Flag", "Z"))
    batch.plant("an hour that is none", "TIME_UNREADABLE", 3, replace_field("DataTime", "20260230250000"))
    batch.plant("no device", "REQUIRED_MISSING", 2, replace_field("MN", None))
    batch.plant("a mean above the maximum", "MEAN_OUTSIDE_ITS_RANGE", 5, replace_field("factor-Avg", "4999"))
    batch.contradict(4, replace_field("factor-ZsAvg", "1.23"))
    batch.repeat(8)


def _frames(records: list[RecordFields]) -> Iterator[bytes]:
    """The frames of a day: records of one message together, in segments at midnight; heartbeats and minutes between."""
    held: list[RecordFields] = []
    for fields in [*records, {}]:
        if held and not _belongs(fields, held):
            segmented = len(held) > 1 and (held[0]["DataTime"] or "").endswith("000000")
            yield from map(_frame, _segments(held) if segmented else [_message(held)])
            if (held[0]["DataTime"] or "")[8:10] in ("06", "18"):
                yield from map(_frame, _others(held[0]))
            held = []
        if "frame" in fields:
            yield (fields["frame"] or "").encode()
        elif fields:
            held.append(fields)


def _belongs(fields: RecordFields, held: list[RecordFields]) -> bool:
    same = all(fields.get(name) == held[0][name] for name in ("QN", "MN", "DataTime"))
    return "frame" not in fields and same and fields["factor"] not in [each["factor"] for each in held]


def _head(fields: RecordFields, command: str, flag: str) -> dict[str, str]:
    head = {"QN": fields["QN"], "ST": "31", "CN": command, "PW": _PASSWORD, "MN": fields["MN"], "Flag": flag}
    return {name: value or "" for name, value in head.items()}


def _factors(fields: RecordFields) -> Mapping[str, Mapping[str, str]]:
    return {fields["factor"] or "": {kind: fields[f"factor-{kind}"] or "" for kind in _KINDS}}


def _message(held: list[RecordFields]) -> str:
    factors = {name: kinds for fields in held for name, kinds in _factors(fields).items()}
    return hj212_message(_head(held[0], "2061", "5"), {"DataTime": held[0]["DataTime"] or ""}, factors)


def _segments(held: list[RecordFields]) -> list[str]:
    parts = [_factors(fields) for fields in held]
    return hj212_segments(_head(held[0], "2061", "7"), {"DataTime": held[0]["DataTime"] or ""}, parts)


def _others(fields: RecordFields) -> list[str]:
    minute = f"{datetime.strptime((fields['DataTime'] or '')[:10], '%Y%m%d%H'):%Y%m%d%H}1000"  # noqa: DTZ007
    return [
        hj212_message(_head(fields, "9014", "4"), {}, {}),
        hj212_message(_head(fields, "2051", "5"), {"DataTime": minute}, {"a21026": {"Avg": "1", "Flag": "N"}}),
    ]


def _frame(message: str) -> bytes:
    return hj212_frame(message.encode())
