"""The watch rule and its editions (a JSON document), and which days may tune it (a GB18030 table)."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

RULES_FILE = "files/flooding/watch_rules.json"
DAYS_FILE = "files/flooding/watch_days.csv"
_DAYS_HEADER = ("日期", "用途", "备注")


@dataclass(frozen=True, slots=True)
class WatchRule:
    """The rule in force. Each factor gives its weight at its full value, and less in proportion."""

    rain_weight: float = 60
    rain_full_mm: float = 20
    cases_weight: float = 25
    cases_full: float = 6
    slow_weight: float = 15
    slow_full_pct: float = 25
    flood_limit_mm: float = 150
    ahead_h: int = 2


RULE = WatchRule()


def is_tuning(city: City, day: date) -> bool:
    """Whether ``day`` may be used to choose the threshold: the first half of the days; the later ones are held out."""
    return (day - city.start).days < city.days // 2


def generate_rules(city: City) -> PlantedBatch:
    """The edition in force, the one before it, and two drafts that cannot be used."""
    batch = PlantedBatch("environment.watch_rules", ("edition",), city.random("watch rules"))
    batch.add("watch_rules.json", _rule("NL-2025", "2025-05-01", "2026-02-01", {"rainWeight": "80", "caseWeight": "5"}))
    batch.add("watch_rules.json", _rule("NL-2026", "2026-02-01", "", {}))
    batch.add("watch_rules.json", _rule("NL-2026-D1", "2027-01-01", "", {"rainWeight": "待定"}))
    batch.note("a weight that is not decided", "VALUE_UNREADABLE", batch.records[-1])
    batch.add("watch_rules.json", _rule("NL-2026-D2", "2027-01-01", "", {"caseWeight": "40"}))
    batch.note("weights that are not 100 together", "WEIGHTS_NOT_WHOLE", batch.records[-1])
    return batch


def write_rules_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the document."""
    document = {"name": "内涝预判规则", "editions": batch.of("watch_rules.json")}
    (folder / RULES_FILE).write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def generate_days(city: City) -> PlantedBatch:
    """The role of each day; two lines are none, and one day is named again for the other role."""
    batch = PlantedBatch("environment.watch_days", ("日期", "用途"), city.random("watch days"))
    for day in city.dates:
        batch.add("watch_days.csv", _day(f"{day:%Y/%m/%d}", "调参" if is_tuning(city, day) else "检验"))
    batch.add("watch_days.csv", _day("2026/02/30", "检验"))
    batch.note("a day that is none", "TIME_UNREADABLE", batch.records[-1])
    batch.add("watch_days.csv", _day(f"{city.start.replace(year=city.start.year + 1):%Y/%m/%d}", "待定"))
    batch.note("a role that no list has", "CODE_UNKNOWN", batch.records[-1])
    batch.add("watch_days.csv", _day(f"{max(city.dates):%Y/%m/%d}", "调参"))
    batch.note("a held-out day that would tune too", "KEY_DUPLICATE", batch.records[-1])
    return batch


def write_days_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the table."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(_DAYS_HEADER)
    sheet.writerows([fields[column] for column in _DAYS_HEADER] for fields in batch.of("watch_days.csv"))
    (folder / DAYS_FILE).write_bytes(text.getvalue().encode("gb18030"))


def _day(day: str, role: str) -> RecordFields:
    return {"日期": day, "用途": role, "备注": ""}


def _rule(edition: str, valid_from: str, valid_to: str, change: dict[str, str]) -> RecordFields:
    found: RecordFields = {
        "edition": edition,
        "from": valid_from,
        "to": valid_to,
        "rainWeight": f"{RULE.rain_weight:g}",
        "rainFull": f"{RULE.rain_full_mm:g}",
        "caseWeight": f"{RULE.cases_weight:g}",
        "caseFull": f"{RULE.cases_full:g}",
        "slowWeight": f"{RULE.slow_weight:g}",
        "slowFull": f"{RULE.slow_full_pct:g}",
        "floodDepthCm": f"{RULE.flood_limit_mm / 10:g}",
        "aheadH": str(RULE.ahead_h),
        "watchShare": "60%",
    }
    return {**found, **change}
