"""``python -m benchmarks.many_tables FOLDER --tables 2000``: the declarations of a city with so many datasets.

Every twenty datasets are a department with five elements, a code list and a mart over three of its datasets; every
fourth mart reads the mart before it. All datasets read one small file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

A_DEPARTMENT, MART_INPUTS, MARTS_A_CHAIN = 20, 3, 4
DAY = "2026-03-01"
ROWS = 4


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_tables", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument(
        "--readings", type=Path, help="the file that is written for all datasets (readings.csv in FOLDER)"
    )
    given = parser.parse_args()
    write_city(given.folder, given.tables, given.readings)


def write_city(folder: Path, tables: int, readings: Path | None = None) -> Path:
    """Write the workspace and the file that its datasets read; returns the workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    source = (readings or folder / "readings.csv").resolve()
    source.write_text("\n".join(["时间,站点,行政区划,数值,均值,类别,备注", *_rows(), ""]), "utf-8")
    _write(folder / "workspace.yaml", {"packs": ["base", "government"], "timezone": "Asia/Shanghai"})
    for number in range(-(-tables // A_DEPARTMENT)):
        area = area_name(number)
        _write(folder / f"elements/{area}.yaml", list(_elements(area, number)))
        _write(folder / f"codes/{area}.yaml", [_codes(area, number)])
        _mart(folder, number, tables)
    for number in range(tables):
        area, name = dataset_name(number).split(".")
        _write(folder / f"datasets/{area}/{name}.yaml", _contract(source, number))
    return folder


def area_name(department: int) -> str:
    """The subject of a department's elements and datasets."""
    return f"area{department:03d}"


def dataset_name(number: int) -> str:
    """The id of one dataset."""
    return f"{area_name(number // A_DEPARTMENT)}.set{number:04d}"


def _rows() -> Iterator[str]:
    for number in range(ROWS):
        yield f"{DAY} 08:{number:02d},S{number:05d},990101,{number}.5,{number}.25,1,无"


def _write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # JSON is valid YAML.
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")


def _elements(area: str, number: int) -> Iterator[dict[str, Any]]:
    common = {"object_class": f"第{number}类站点"}
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "station_code": ("站点编号", {"representation": "number", "type": "string", "pattern": "^S[0-9]{5}$"}),
        "amount": ("数值", _quantity("flow")),
        "level": ("均值", _quantity("intensity")),
        "category": ("类别", {"representation": "code", "type": "string", "codes": f"{area}.category"}),
        "remark": ("备注", {"representation": "description", "type": "string"}),
    }
    for name, (zh, more) in parts.items():
        en = name.replace("_", " ")
        yield {
            "id": f"{area}.{name}",
            "symbol": f"{name}_m3" if "unit" in more else name,
            "name": {"zh": f"第{number}类{zh}", "en": f"{en} of kind {number}"},
            "definition": {"zh": f"第{number}类站点报告的{zh}", "en": f"{en} that a station of kind {number} reports"},
            "property": zh,
            "synonyms": [f"{zh}{number}"],
            **common,
            **more,
        }  # fmt: skip


def _quantity(measure: str) -> dict[str, Any]:
    return {"representation": "quantity", "type": "decimal", "unit": "m3", "measure": measure, "range": [0, 100000]}


def _codes(area: str, number: int) -> dict[str, Any]:
    values = [{"code": str(code), "name": {"zh": f"类别{code}", "en": f"category {code}"}} for code in range(1, 21)]
    name = {"zh": f"第{number}类站点的类别", "en": f"categories of kind {number}"}
    return {"id": f"{area}.category", "name": name, "values": values}


def _contract(source: Path, number: int) -> dict[str, Any]:
    area = area_name(number // A_DEPARTMENT)
    own = {"站点": "station_code", "数值": "amount", "均值": "level", "类别": "category", "备注": "remark"}
    fields: dict[str, Any] = {
        "时间": {"element": "time.observed_at", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai", "required": True},
        "行政区划": {"element": "place.region_code"},
        **{name: {"element": f"{area}.{element}"} for name, element in own.items()},
    }
    return {
        "dataset": dataset_name(number),
        "title": {"zh": f"站点读数 {number}", "en": f"station readings {number}"},
        "owner": {"department": f"第{number // A_DEPARTMENT}局"},
        "schedule": {"cron": f"{number % 60} {1 + number % 5} * * *", "timezone": "Asia/Shanghai"},
        "source": {"connector": "files", "path": str(source), "format": "csv"},
        "fields": fields,
        "write": {"mode": "upsert", "key": ["station_code", "observed_at"], "partition": "day(observed_at)"},
    }


def _mart(folder: Path, number: int, tables: int) -> None:
    """A mart over the first datasets of a department, and over the mart before it if it ends a chain."""
    area, first = area_name(number), number * A_DEPARTMENT
    read = [dataset_name(at) for at in range(first, min(first + MART_INPUTS, tables))]
    parts = [f"SELECT region_code, _day AS day, amount_m3 FROM {dataset}" for dataset in read]
    if number % MARTS_A_CHAIN == MARTS_A_CHAIN - 1:
        parts.append(f"SELECT region_code, day, amount_m3 FROM mart.{area_name(number - 1)}.region_day")
    rows = "\n    UNION ALL\n    ".join(parts)
    total = "SELECT region_code, day, sum(amount_m3) AS amount_m3"
    sql = f"{total}\nFROM (\n    {rows}\n) AS rows\nGROUP BY region_code, day\n"
    columns = {
        "region_code": {"element": "place.region_code"},
        "day": {"element": "time.day"},
        "amount_m3": {"element": f"{area}.amount"},
    }
    title = {"zh": f"第{number}类站点日况", "en": f"stations of kind {number} by day"}
    table = {"title": title, "grain": ["region_code", "day"], "day": "day", "columns": columns}
    audience = {"zh": "各部门的分析人员", "en": "analysts of every department"}
    _write(
        folder / f"marts/{area}/mart.yaml",
        {"mart": area, "title": title, "audience": audience, "tables": {"region_day": table}},
    )
    (folder / f"marts/{area}/region_day.sql").write_text(sql, "utf-8")


if __name__ == "__main__":
    main()
