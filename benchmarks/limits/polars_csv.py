"""LIMIT: typed ``scan_csv`` to one zstd Parquet file: ``… -m benchmarks.limits.polars_csv FILE FOLDER``."""

from __future__ import annotations

import sys

import polars as pl

from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS


def main(source: str, folder: str) -> None:
    """Read typed, write, nothing else."""
    types = dict.fromkeys(INTEGERS, pl.Int32()) | dict.fromkeys(DECIMALS, pl.Float64())
    schema = {header: types.get(name, pl.String()) for header, name in COLUMNS.items()}
    pl.scan_csv(source, schema=schema).rename(COLUMNS).sink_parquet(f"{folder}/all.parquet", compression="zstd")


if __name__ == "__main__":
    main(*sys.argv[1:3])
