"""The register of outlets: a CSV of GB 18030, separated by bars, of which some outlets have a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.firms import Firm, city_firms
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit

OUTLET_HEADER = ("排口编号", "排口名称", "排口类型", "单位代码", "单位名称", "许可证号", "所在区", "MN")
GAS_FACTORS = ("a21026", "a21002")
TIGHTER_FROM = date(2026, 3, 2)
"""From here on, some outlets may emit less."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet. ``limits_mgm3``: by factor the permitted hourly mean, before and after ``TIGHTER_FROM``."""

    code: str
    firm: Firm
    is_gas: bool
    device_no: str
    """Empty if it is not monitored."""
    limits_mgm3: dict[str, tuple[int, int]]


def city_outlets(city: City) -> list[Outlet]:
    """The outlets of eight permit holders of each district; the first gas outlet of a district is monitored."""
    rng, found = city.random("outlets"), []
    permitted = [firm for firm in city_firms(city) if firm.has_permit]
    for district in DISTRICTS:
        firms = [firm for firm in permitted if firm.district is district][:8]
        for number, firm in enumerate(firms, 1):
            code = f"{'DA' if number % 4 else 'DW'}{district.code}{number:02d}"
            device = f"31{district.code}LH{number:02d}00000001A{district.code[-1]}F0" if number == 1 else ""
            so2, nox = rng.choice((35, 50, 100)), rng.choice((50, 100, 150))
            tighter = 0.7 if number % 2 else 1
            limits = {"a21026": (so2, round(so2 * tighter)), "a21002": (nox, round(nox * tighter))}
            found.append(Outlet(code, firm, bool(number % 4), device, limits))
    return found


def generate_outlets(city: City) -> PlantedBatch:
    """One row an outlet."""
    batch = PlantedBatch("emissions.sources", ("排口编号", "单位名称"), city.random("emissions.sources"))
    for outlet in city_outlets(city):
        batch.add("outlets.csv", _fields(outlet))
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 2, _wrong_check_digit)
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 2, replace_field("排口类型", "噪声"))
    batch.plant("no permit", "REQUIRED_MISSING", 1, replace_field("许可证号", None))
    batch.contradict(2, replace_field("排口名称", "待核实排口"))
    batch.repeat(2)
    return batch


def write_outlets_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the register."""
    rows = [OUTLET_HEADER, *([fields[name] or "" for name in OUTLET_HEADER] for fields in batch.of("outlets.csv"))]
    text = "".join("|".join(row) + "\r\n" for row in rows)
    (folder / "files/emissions/outlets.csv").write_bytes(text.encode("gb18030"))


def _fields(outlet: Outlet) -> RecordFields:
    return {
        "排口编号": outlet.code,
        "排口名称": f"{outlet.firm.district.short}{outlet.code[-2:]}号{'废气' if outlet.is_gas else '废水'}排放口",
        "排口类型": "废气" if outlet.is_gas else "废水",
        "单位代码": outlet.firm.uscc,
        "单位名称": outlet.firm.name,
        "许可证号": f"{outlet.firm.uscc}001P",
        "所在区": outlet.firm.district.name,
        "MN": outlet.device_no or "无",
    }


def _wrong_check_digit(fields: RecordFields, _: object) -> None:
    fields["单位代码"] = spoil_check_digit(fields["单位代码"] or "")
