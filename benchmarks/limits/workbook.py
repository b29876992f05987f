"""The bare reader of a workbook: ``read_excel`` to Parquet. ``python -m benchmarks.limits.workbook FILE FOLDER``."""

from __future__ import annotations

import sys

import polars as pl


def main(source: str, folder: str) -> None:
    """Read, write, nothing else."""
    pl.read_excel(source, engine="calamine").write_parquet(f"{folder}/all.parquet", compression="zstd")


if __name__ == "__main__":
    main(*sys.argv[1:3])
