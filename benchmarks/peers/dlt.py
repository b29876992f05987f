"""dlt with Arrow batches to Parquet: ``python -m benchmarks.peers.dlt FILE FOLDER``.

dlt moves tables; the rules run in the resource, on each batch, with a set of the keys of earlier batches.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dlt
import polars as pl
from dlt.destinations import filesystem

from benchmarks.peers.frame import read, typed
from benchmarks.peers.outcome import KEY_COLUMNS, report
from benchmarks.peers.rules_polars import broken

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 250_000


class Readings:
    """Batches of the file, each split in two."""

    def __init__(self, source: str) -> None:
        self.source, self.counts, self.rows = source, Counter[str](), Counter[str]()
        self.seen = pl.Series(dtype=pl.UInt64)

    def batches(self) -> Iterator[pa.Table]:
        """Both sides of every batch, each row with its reasons."""
        for batch in read(self.source).collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
            frame = typed(batch.lazy()).with_columns(**{f"_{rule}": test for rule, test in broken().items()}).collect()
            told = frame.with_columns(self._repeated(frame))
            flags = [name for name in told.columns if name.startswith("_")]
            self.counts.update({name[1:]: int(told[name].sum()) for name in flags})
            reasons = [pl.when(pl.col(name)).then(pl.lit(name[1:])) for name in flags]
            joined = told.with_columns(pl.concat_str(reasons, separator=",", ignore_nulls=True).alias("reasons"))
            yield from self._sides(joined.drop(flags))

    def _repeated(self, frame: pl.DataFrame) -> pl.Series:
        hashes = frame.select(pl.struct(KEY_COLUMNS).hash()).to_series()
        again = hashes.is_in(self.seen.implode()) | ~hashes.is_first_distinct()
        self.seen = pl.concat([self.seen, hashes.unique()])
        return again.alias("_key")

    def _sides(self, told: pl.DataFrame) -> Iterator[pa.Table]:
        right = told.filter(pl.col("reasons") == "").drop("reasons")
        bad = told.filter(pl.col("reasons") != "")
        self.rows.update(good=right.height, bad=bad.height)
        for name, side in (("good", right), ("bad", bad)):
            yield dlt.mark.with_table_name(side.to_arrow(compat_level=pl.CompatLevel.oldest()), name)


def main(source: str, folder: str) -> None:
    """Extract, normalise, load, count."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "false"}
    readings = Readings(source)
    pipeline = dlt.pipeline(
        "readings",
        pipelines_dir=f"{folder}/state",
        destination=filesystem(f"file://{folder}/lake"),
        dataset_name="detector",
    )
    pipeline.run(dlt.resource(readings.batches(), name="readings"), loader_file_format="parquet")
    report(folder, readings.rows["good"], readings.rows["bad"], readings.counts)


if __name__ == "__main__":
    main(*sys.argv[1:3])
