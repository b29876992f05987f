"""Workbooks, JSON pages and transit feeds, each against its bare reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.generate.other import PADDING
from benchmarks.inputs import detector, truth_of
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import core
from benchmarks.variants import readings, workspace

XLSX = {"source": {"path": "-", "format": "xlsx"}}
JSON = {
    "source": {
        "path": "-",
        "format": {"type": "json", "records": "data.rows"},
        "envelope": {"field": "code", "success": [0], "message": "message"},
    },
    "ignore": [PADDING],
}
GTFS = {
    "dataset": "transit.stop_times",
    "title": {"zh": "停站时刻", "en": "stop times"},
    "owner": {"department": "市交通运输局"},
    "source": {"connector": "files", "path": "-", "format": {"type": "gtfs", "table": "stop_times"}},
    "fields": {
        "trip_id": {"element": "transit.trip_id", "required": True},
        "stop_sequence": {"element": "transit.stop_sequence", "required": True},
        "stop_id": {"element": "transit.stop_id", "required": True},
        "arrival_time": {"element": "transit.arrival_time", "format": "duration_hms"},
        "departure_time": {"element": "transit.departure_time", "format": "duration_hms"},
    },
    "write": {"mode": "upsert", "key": ["trip_id", "stop_sequence"]},
}


def measure(options: Options) -> list[Table]:
    """One table per format."""
    return [_workbook(options), _pages(options), _feed(options)]


def _workbook(options: Options) -> Table:
    rows = max(options.rows // 20, 1000)
    source = detector(options.work, rows, format="xlsx")
    folder = _workspace(options.work, "xlsx", readings(**XLSX))
    bare = Program("read_excel", python("benchmarks.limits.workbook", source, "{out}"))
    measured = options.measure(bare, core(source, workspace=folder))
    return Table("XLSX", "A workbook of one sheet; numbers are numbers.", bare.name, measured, rows)


def _pages(options: Options) -> Table:
    rows = max(options.rows // 5, 1000)
    source = detector(options.work, rows, format="json")
    folder = _workspace(options.work, "json", readings(**JSON))
    bare = Program("DuckDB read_json", python("benchmarks.limits.json_pages", source, "{out}"))
    measured = options.measure(bare, core(source, workspace=folder, batches="pages"))
    return Table("JSON", "Pages of 1,000 records of 1 KB in an envelope, as one receipt.", bare.name, measured, rows)


def _feed(options: Options) -> Table:
    source = detector(options.work, options.rows, format="gtfs")
    folder = _workspace(options.work, "gtfs", GTFS)
    bare = Program("unzip, scan_csv", python("benchmarks.limits.gtfs", source, "{out}"))
    dataset = ("--dataset", str(GTFS["dataset"]))
    command = python("benchmarks.job", source, "--lake", "{out}", "--workspace", folder, *dataset)
    check = python("benchmarks.verify", "{out}", truth_of(source), *dataset, "--rows-only")
    measured = options.measure(bare, Program("citylake core", command, check))
    return Table("GTFS", "The stop times of a feed; times become seconds.", bare.name, measured, options.rows)


def _workspace(work: Path, name: str, contract: dict[str, Any]) -> Path:
    return workspace(work / f"workspace-{name}", {"dataset": contract})
