"""The bare reader of a GTFS table: unzip, ``scan_csv``, Parquet. ``python -m benchmarks.limits.gtfs ZIP FOLDER``."""

from __future__ import annotations

import sys
import zipfile

import polars as pl


def main(source: str, folder: str) -> None:
    """Read typed, write, nothing else."""
    with zipfile.ZipFile(source) as archive:
        path = archive.extract("stop_times.txt", folder)
    types = {
        "trip_id": pl.String(),
        "arrival_time": pl.String(),
        "departure_time": pl.String(),
        "stop_id": pl.String(),
        "stop_sequence": pl.Int32(),
    }
    pl.scan_csv(path, schema=types).sink_parquet(f"{folder}/all.parquet", compression="zstd")


if __name__ == "__main__":
    main(*sys.argv[1:3])
