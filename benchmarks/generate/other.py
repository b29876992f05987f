"""The same readings in other formats, and a transit feed: small parts of the benchmark, from the same plan."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.generate.frame import Truth
from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS
from benchmarks.generate.rows import Plan
from benchmarks.generate.write import chunks, truth_path

PAGE_RECORDS, RECORD_BYTES = 1000, 1024
PADDING = "扩展信息"
_NUMBERS = {header for header, name in COLUMNS.items() if name in (*INTEGERS, *DECIMALS)}


def workbook(plan: Plan, path: Path) -> Truth:
    """One sheet; numbers as numbers, times as text."""
    import xlsxwriter

    total = Truth()
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(COLUMNS))
        for number, record in enumerate(_records(plan, total), start=1):
            sheet.write_row(number, 0, [_typed(header, value) for header, value in record.items()])
    return _kept(plan, path, total)


def pages(plan: Plan, folder: Path) -> Truth:
    """JSON answers of 1,000 records of about 1 KB each, in an envelope."""
    total, waiting, number = Truth(), [], 0
    partial = folder.with_name(folder.name + ".part")
    partial.mkdir(parents=True, exist_ok=True)
    for record in _records(plan, total):
        size = sum(len(f'"{header}":"{value}",'.encode()) for header, value in record.items())
        values = {header: _typed(header, value) for header, value in record.items()}
        waiting.append(values | {PADDING: "x" * max(0, RECORD_BYTES - size - 30)})
        if len(waiting) == PAGE_RECORDS:
            number, waiting = _page(plan, partial, number, waiting), []
    if waiting:
        _page(plan, partial, number, waiting)
    partial.rename(folder)
    return _kept(plan, folder, total)


def _page(plan: Plan, folder: Path, number: int, records: list[dict[str, str | float | None]]) -> int:
    document = {"code": 0, "message": "ok", "data": {"total": plan.rows, "rows": records}}
    (folder / f"{number:06d}.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    return number + 1


def feed(rows: int, path: Path) -> Truth:
    """A GTFS zip with this number of rows in stop_times, 40 per trip, all valid."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("stop_times.txt", "w") as member:
        member.write(b"trip_id,arrival_time,departure_time,stop_id,stop_sequence\n")
        for first in range(0, rows, 40_000):
            member.write("".join(map(_stop_time, range(first, min(rows, first + 40_000)))).encode())
    return _kept(Plan(rows), path, Truth(rows=rows, standard=rows))


def _stop_time(number: int) -> str:
    trip, stop = divmod(number, 40)
    arrival = trip * 37 % 86400 + stop * 95
    there, away = (f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in (arrival, arrival + 20))
    return f"T{trip:07d},{there},{away},S{(trip * 7 + stop) % 3000:05d},{stop + 1}\n"


def many(plan: Plan, folder: Path) -> Truth:
    """One file per block of the plan, each with a header."""
    total, header = Truth(), (",".join(COLUMNS) + "\n").encode()
    partial = folder.with_name(folder.name + ".part")
    partial.mkdir(parents=True, exist_ok=True)
    for number, (text, truth) in enumerate(chunks(plan, chunk_rows=plan.block)):
        (partial / f"{number:06d}.csv").write_bytes(header + text)
        total.add(truth)
    partial.rename(folder)
    return _kept(plan, folder, total)


def _records(plan: Plan, total: Truth) -> Iterator[dict[str, str]]:
    for text, truth in chunks(plan):
        total.add(truth)
        for values in csv.reader(io.StringIO(text.decode(), newline="")):
            yield dict(zip(COLUMNS, values, strict=True))


def _typed(header: str, value: str) -> str | float | None:
    if not value:
        return None
    if header not in _NUMBERS:
        return value
    return float(value) if "." in value else int(value)


def _kept(plan: Plan, path: Path, truth: Truth) -> Truth:
    told = {"plan": asdict(plan), **asdict(truth)}
    truth_path(path).write_text(json.dumps(told, ensure_ascii=False, indent=1))
    return truth
