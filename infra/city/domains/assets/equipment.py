"""The coalfield's register of machines (a workbook), and its table of limits of vibration (CSV), two editions."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.assets.machines import machines
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

EQUIPMENT_HEADER = ("设备编号", "设备名称", "设备类型", "机组类别", "投运日期", "保养周期(h)")
LIMIT_HEADER = ("类别", "版本起始", "A/B", "B/C", "C/D")
LIMITS = (
    ("1", "2025-01-01", "0.71", "1.80", "4.50"),
    ("2", "2025-01-01", "1.12", "2.80", "7.10"),
    ("3", "2025-01-01", "1.80", "4.50", "11.20"),
    ("4", "2025-01-01", "2.80", "7.10", "18.00"),
    ("1", "2012-01-01", "0.80", "2.00", "5.00"),
    ("2", "2012-01-01", "1.30", "3.20", "8.00"),
    ("3", "2012-01-01", "2.00", "5.00", "12.00"),
    ("4", "2012-01-01", "3.20", "8.00", "20.00"),
)
"""The bureau's own defaults by their first day, in the manner of ISO 10816-1."""


def generate_equipment(city: City) -> PlantedBatch:
    """The register on the first day of the period."""
    batch = PlantedBatch("assets.equipment", ("设备编号", "设备名称"), city.random("equipment"))
    for machine in machines(city):
        fields: RecordFields = {
            "设备编号": machine.code,
            "设备名称": f"{machine.code[-3:].lstrip('0')}号{machine.kind}",
            "设备类型": machine.kind,
            "机组类别": str(machine.machine_class),
            "投运日期": f"{machine.commissioned_on:%Y.%m.%d}",
            "保养周期(h)": str(machine.interval_h),
        }
        batch.add(f"equipment_{city.start:%Y%m%d}.xlsx", fields)
    batch.plant("a machine class that no list has", "CODE_UNKNOWN", 1, replace_field("机组类别", "7"))
    batch.plant("an interval of nothing", "VALUE_OUT_OF_RANGE", 1, replace_field("保养周期(h)", "0"))
    batch.plant("no machine", "REQUIRED_MISSING", 1, replace_field("设备编号", None))
    batch.contradict(1, replace_field("保养周期(h)", "999"))
    batch.repeat(2)
    return batch


def write_equipment_file(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook."""
    for name, records in batch.by_source().items():
        day = datetime.strptime(name, "equipment_%Y%m%d.xlsx").replace(tzinfo=UTC)
        rows = [[fields[column] for column in EQUIPMENT_HEADER] for fields in records]
        with Workbook(folder / "files/assets" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": day})
            write_sheet(book.add_worksheet("设备台账"), EQUIPMENT_HEADER, *rows)


def generate_limits(city: City) -> PlantedBatch:
    """Two editions of the limits, and two rows that cannot be right."""
    batch = PlantedBatch("assets.vibration_limits", ("类别", "版本起始"), city.random("limits"))
    for row in LIMITS:
        batch.add("vibration_limits.csv", dict(zip(LIMIT_HEADER, row, strict=True)))
    falling = batch.add("vibration_limits.csv", _limits("2", "2030-01-01", "2.80", "1.12", "7.10"))
    unknown = batch.add("vibration_limits.csv", _limits("9", "2025-01-01", "1.00", "2.00", "3.00"))
    batch.note("limits that do not rise", "VIBRATION_LIMITS_FALL", falling)
    batch.note("a class that no list has", "CODE_UNKNOWN", unknown)
    return batch


def write_limits_file(batch: PlantedBatch, folder: Path) -> None:
    """Write one CSV file."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(LIMIT_HEADER)
    sheet.writerows([fields[column] for column in LIMIT_HEADER] for fields in batch.of("vibration_limits.csv"))
    (folder / "files/assets/vibration_limits.csv").write_text(text.getvalue(), encoding="utf-8")


def _limits(*values: str) -> RecordFields:
    return dict(zip(LIMIT_HEADER, values, strict=True))
