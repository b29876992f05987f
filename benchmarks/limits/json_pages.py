"""The bare reader of JSON pages: DuckDB. ``python -m benchmarks.limits.json_pages FOLDER_OF_PAGES FOLDER``."""

from __future__ import annotations

import sys

import duckdb

from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS
from benchmarks.generate.other import PADDING


def main(source: str, folder: str) -> None:
    """Read typed, write, nothing else."""
    types = dict.fromkeys(INTEGERS, "INTEGER") | dict.fromkeys(DECIMALS, "DOUBLE")
    fields = [f'"{header}" {types.get(name, "VARCHAR")}' for header, name in COLUMNS.items()] + [f'"{PADDING}" VARCHAR']
    shape = f"{{'code': 'INTEGER', 'data': 'STRUCT(rows STRUCT({', '.join(fields)})[])'}}"
    read = f"SELECT unnest(data.rows, recursive := true) FROM read_json('{source}/*.json', columns={shape})"
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({read}) TO '{folder}/all.parquet' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main(*sys.argv[1:3])
