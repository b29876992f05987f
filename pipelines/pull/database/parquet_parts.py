"""Arrow batches to Parquet files for the landing zone: the same rows in the same order give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.pull.connector import Part, Tally
from schemas.faults import CitylakeError

_CHUNK = 1 << 20


@dataclass(slots=True)
class Filling:
    """A file that fills."""

    path: Path
    writer: pq.ParquetWriter
    rows: int = 0


def landed(batches: Iterator[pa.RecordBatch], rows_per_file: int, tally: Tally) -> Iterator[Part]:
    """Files of at most ``rows_per_file`` rows, one at a time on the local disk; ``tally.stored`` counts the rows.

    Where the batches end in a fault, what came is landed, and then the fault is raised.
    """
    tally.stored, number = 0, 0
    with TemporaryDirectory(prefix="citylake-") as scratch:
        filling: Filling | None = None
        fault: CitylakeError | None = None
        try:
            for batch in batches:
                for piece in _pieces(batch, rows_per_file, filling):
                    filling = filling or _begun(Path(scratch) / "part.parquet", piece.schema)
                    filling.writer.write_batch(piece)
                    filling.rows += piece.num_rows
                    if filling.rows >= rows_per_file:
                        number += 1
                        yield _part(filling, number, tally)
                        filling = None
        except CitylakeError as error:
            fault = error
        if filling and (filling.rows or not number):
            yield _part(filling, number + 1, tally)
        if fault:
            raise fault


def _pieces(batch: pa.RecordBatch, most: int, filling: Filling | None) -> Iterator[pa.RecordBatch]:
    """The batch, cut where a file is full; one that is empty stays, for its columns."""
    start, room = 0, most - (filling.rows if filling else 0)
    while True:
        yield batch.slice(start, room)
        start, room = start + room, most
        if start >= batch.num_rows:
            return


def _begun(path: Path, schema: pa.Schema) -> Filling:
    return Filling(path, pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True))


def _part(filling: Filling, number: int, tally: Tally) -> Part:
    filling.writer.close()
    tally.stored = (tally.stored or 0) + filling.rows
    return Part(f"{number:05d}.parquet", _chunks(filling.path))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK), b"")
