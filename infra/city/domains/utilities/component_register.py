"""The register of components: one workbook, a sheet a kind, below a title row; places in CGCS2000, dates in Chinese."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import COMMUNITIES
from citylake.infra.city.domains.utilities.alarm_story import component_alarms
from citylake.infra.city.domains.utilities.street_components import KINDS, VALVE, Component, street_components
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, widen_digits

REGISTER_FILE = "部件普查.xlsx"
_HEADER = (
    "部件标识码",
    "部件名称",
    "部件大类",
    "社区编码",
    "权属单位",
    "部件状态",
    "建成日期",
    "巡检周期(天)",
    "管径(毫米)",
    "X",
    "Y",
)
_KEY = ("部件标识码", "部件名称")
_STATES = ("完好", "正常", "良好", "完好", "完好", "完好", "完好", "破损")
_DIAMETERS = ("100", "150", "200", "300")


def generate_register(city: City) -> PlantedBatch:
    """One row a component, as it was surveyed."""
    batch = PlantedBatch("utilities.components", _KEY, city.random("components"))
    told = {alarm.component.code for alarm in component_alarms(city)}
    for component in street_components():
        record = batch.add(REGISTER_FILE, _fields(batch.rng, component))
        # A component with alarms stays in the register, so that each alarm has its place.
        record.spoiled = component.code in told
    _spoil(batch)
    return batch


def write_register_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook."""
    rows = batch.of(REGISTER_FILE)
    with Workbook(folder / "files/utilities" / REGISTER_FILE) as book:
        # The default is the time of writing: then two runs would give different bytes.
        book.set_properties({"created": datetime.combine(City().start, time(), UTC)})
        for kind in KINDS:
            records = [[fields[name] for name in _HEADER] for fields in rows if fields["部件种类"] == kind.name]
            write_sheet(book.add_worksheet(kind.name), [f"澜海市城市部件普查成果（{kind.name}）"], _HEADER, *records)


def _fields(rng: Random, component: Component) -> RecordFields:
    return {
        "部件标识码": component.code,
        "部件名称": f"{component.community.name}{component.kind.name}{component.code[-3:]}",
        "部件大类": "公用设施",
        "社区编码": component.community.code,
        "权属单位": component.kind.owner,
        "部件状态": rng.choice(_STATES),
        "建成日期": f"{component.built_on:%Y年%m月%d日}",
        "巡检周期(天)": f"{component.kind.interval_d}",
        "管径(毫米)": rng.choice(_DIAMETERS) if component.kind is VALVE else None,
        "X": f"{component.longitude_deg:.7f}",
        "Y": f"{component.latitude_deg:.7f}",
        "部件种类": component.kind.name,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(20, widen_digits("巡检周期(天)"))
    batch.plant("a code that is too short", "VALUE_TOO_SHORT", 5, _cut_code)
    batch.plant("a state that no list has", "CODE_UNKNOWN", 4, replace_field("部件状态", "待查", "见备注"))
    batch.plant("a date that is none", "TIME_UNREADABLE", 3, replace_field("建成日期", "2011年2月30日", "九十年代"))
    batch.plant("an interval of no days", "VALUE_OUT_OF_RANGE", 3, replace_field("巡检周期(天)", "0"))
    batch.plant("built in the future", "TIME_OUT_OF_SPAN", 2, replace_field("建成日期", "2031年06月01日"))
    batch.plant("no community", "REQUIRED_MISSING", 3, replace_field("社区编码", None))
    batch.plant("coordinates that stand nowhere", "PLACE_ZERO", 2, _nowhere)
    batch.plant("a community of another district", "COMPONENT_DISTRICT_DIFFERS", 3, _move_away)
    batch.contradict(4, replace_field("权属单位", "待移交"))
    batch.repeat(5)


def _cut_code(fields: RecordFields, _: Random) -> None:
    fields["部件标识码"] = (fields["部件标识码"] or "")[:-2]


def _nowhere(fields: RecordFields, _: Random) -> None:
    fields["X"], fields["Y"] = "0", "0"


def _move_away(fields: RecordFields, _: Random) -> None:
    district = (fields["部件标识码"] or "")[:6]
    fields["社区编码"] = next(each.code for each in COMMUNITIES if each.district.code != district)
