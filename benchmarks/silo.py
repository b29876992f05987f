"""The silo map of many datasets: ``python -m benchmarks.silo [--datasets N] [--rows N] [--keys N]``.

A lake of N datasets in ten departments, each with three identifiers, a code, ten fields that nothing binds, and some
rows in several files; then all pairs are compared. Prints seconds and peak memory of the measurement alone, which runs
in a process of its own, and the greatest difference from exact counts beside the stated error.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import polars as pl
from deltalake import write_deltalake

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.silo.silo_map import SiloMap, measure_silo
from citylake.schemas.lint.valid_registry import load_sound_registry

DEPARTMENTS = 10
IDENTIFIERS = {
    "social_credit_code": "organisation.uscc",
    "case_no": "service.case_no",
    "device_code": "traffic.device_code",
}
IGNORED = ("联系电话", "经办人", "备注", "设备编号", "站点编码", "所属区域", "更新时间", "街道", "经度值", "纬度值")
FILES = 4
CONTRACT = """dataset: d{department}.set{number}
title: {{zh: 数据集{number}, en: dataset {number}}}
owner: {{department: 部门{department}}}
source: {{connector: files, path: x.csv, format: csv}}
fields:
{fields}
  区划: {{element: place.region_code, as: region_code}}
ignore: [{ignored}]
write: {{mode: append}}
"""


def make_lake(folder: Path, datasets: int, rows: int, keys: int) -> None:
    """Write the declarations and the standard tables. Two datasets have about half of their values in common."""
    (folder / "workspace/datasets").mkdir(parents=True)
    (folder / "workspace/workspace.yaml").write_text("packs: [base, government, traffic]\n", "utf-8")
    for number in range(datasets):
        department = number % DEPARTMENTS
        fields = "\n".join(f"  {name}: {{element: {of}, as: {name}}}" for name, of in IDENTIFIERS.items())
        text = CONTRACT.format(department=department, number=number, fields=fields, ignored=", ".join(IGNORED))
        (folder / f"workspace/datasets/set{number}.yaml").write_text(text, "utf-8")
        root = str(folder / f"lake/standard/d{department}.set{number}")
        for part in range(FILES):
            write_deltalake(root, dataset_rows(number, rows // FILES, keys, part), mode="append")


def dataset_rows(number: int, rows: int, keys: int, part: int) -> pl.DataFrame:
    """Rows whose keys are drawn from a window of ``keys`` values, which the next dataset shares by half."""
    first = (number % 8) * keys // 2
    row = pl.int_range(rows, dtype=pl.Int64) + part * rows
    columns = [
        ((row * (7919 + 2 * at)) % keys + first).cast(pl.String).str.zfill(12).alias(name)
        for at, name in enumerate(IDENTIFIERS)
    ]
    provenance = [pl.lit("b").alias(name) for name in ("_batch", "_receipt", "_source")]
    region = (row % 12 + 330102).cast(pl.String).alias("region_code")
    return pl.select(*columns, region, *provenance, row.alias("_row"))


def greatest_error(found: SiloMap, keys: int) -> tuple[float, float]:
    """The greatest difference of a share of two datasets from the true one, and the greatest stated error."""
    worst = stated = 0.0
    for pair in found.dataset_pairs:
        apart = abs(int(pair.left.rpartition("set")[2]) % 8 - int(pair.right.rpartition("set")[2]) % 8)
        truth = max(0.0, 1 - apart / 2)
        for each in (each for each in pair.domains if each.left_keys > keys / 2):
            worst, stated = max(worst, abs(each.met / each.left_keys - truth)), max(stated, each.error)
    return worst, stated


def measure(folder: Path, keys: int) -> Mapping[str, float]:
    """Measure the map in this process: seconds, peak memory in MB, pairs, and the error of its shares."""
    began, spent = time.perf_counter(), time.process_time()
    registry = load_sound_registry(folder / "workspace")
    found = measure_silo(registry, Lake(str(folder / "lake")))
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    worst, stated = greatest_error(found, keys)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs = len(list(combinations(registry.contracts, 2)))
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "peak_mb": memory,
        "pairs": pairs,
        "error": worst,
        "stated_error": stated,
    }


def main() -> None:
    """Make the lake, measure it in a process of its own, and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=50)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.keys)))
        return
    with tempfile.TemporaryDirectory() as folder:
        make_lake(Path(folder), given.datasets, given.rows, given.keys)
        command = [sys.executable, "-m", "benchmarks.silo", "--measure", folder, "--keys", str(given.keys)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
