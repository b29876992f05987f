"""Alarms at schools: one Parquet file, every column a text, local times without a zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.security.field_devices import gate_code, gated_schools
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field
from citylake.infra.city.generate.schools import School

_FILE = "alarms.parquet"
_KEY = ("告警编号", "设备编号", "告警类型")
_KINDS = {"一键报警": 0.05, "电子围栏": 0.22, "强行闯入": 0.1, "烟感": 0.08}
"""Alarms a day of a school."""
_TIME = "%Y-%m-%d %H:%M:%S"


def generate_alarms(city: City) -> PlantedBatch:
    """The alarms of the period in order of time."""
    batch = PlantedBatch("security.alarms", _KEY, city.random("alarms"))
    raised = []
    for school in gated_schools():
        for day in range(city.days):
            for kind, rate in _KINDS.items():
                for _ in range(poisson_number(batch.rng, rate)):
                    when = city.at(day * 24) + timedelta(seconds=batch.rng.randrange(86_400))
                    raised.append((when, school, kind))
    for number, (when, school, kind) in enumerate(sorted(raised, key=lambda each: (each[0], each[1].code)), 1):
        batch.add(_FILE, _fields(batch.rng, number, when, school, kind))
    _spoil(batch)
    return batch


def write_alarms_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file."""
    import polars as pl

    pl.DataFrame(batch.of(_FILE), schema=dict.fromkeys(batch.of(_FILE)[0], pl.String)).write_parquet(
        folder / "files/security" / _FILE
    )


def _fields(rng: Random, number: int, when: datetime, school: School, kind: str) -> RecordFields:
    answered = when + timedelta(seconds=round(rng.lognormvariate(4.6, 0.9)) + 5)
    return {
        "告警编号": f"GJ{when:%Y%m%d}{number:05d}",
        "设备编号": gate_code(school),
        "学校代码": school.code,
        "告警类型": kind,
        "触发时间": when.strftime(_TIME),
        "处置时间": answered.strftime(_TIME),
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.warn("ALARM_UNANSWERED", 6, replace_field("处置时间", None))
    batch.plant("answered before it was raised", "ANSWERED_BEFORE_ALARM", 4, _answer_early)
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 2, replace_field("告警类型", "其他"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("触发时间", "2026-02-30 08:00:00"))
    batch.plant("no number", "REQUIRED_MISSING", 2, replace_field("告警编号", None))
    batch.contradict(2, replace_field("处置时间", "2026-12-31 00:00:00"))
    batch.repeat(3)


def _answer_early(fields: RecordFields, rng: Random) -> None:
    raised = datetime.fromisoformat(fields["触发时间"] or "")
    fields["处置时间"] = (raised - timedelta(seconds=rng.randint(30, 4000))).strftime(_TIME)
