"""The file and its truth: chunks are generated in parallel and written in order."""

from __future__ import annotations

import io
import json
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.generate.frame import Truth, Writer
from benchmarks.generate.layout import COLUMNS
from benchmarks.generate.rows import Plan

if TYPE_CHECKING:
    import polars as pl

CHUNK_ROWS = 250_000


def write(
    plan: Plan,
    path: Path,
    encoding: str = "utf-8",
    chunk_rows: int = CHUNK_ROWS,
    parts: Sequence[range] = (),
) -> Truth:
    """Write ``plan``, or the rows of ``parts``, as CSV to ``path`` and its truth beside it (``<path>.json``).

    Memory is bounded by the chunk.
    """
    total, partial = Truth(), path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        file.write((",".join(COLUMNS) + "\n").encode(encoding))
        for text, truth in chunks(plan, encoding, chunk_rows, parts):
            file.write(text)
            total.add(truth)
    truth_path(path).write_text(json.dumps({"plan": asdict(plan), **asdict(total)}, ensure_ascii=False, indent=1))
    partial.replace(path)
    return total


def truth_path(path: Path) -> Path:
    """The path of the truth of a generated file or folder."""
    return path.with_name(path.name + ".json")


def chunks(
    plan: Plan, encoding: str = "utf-8", chunk_rows: int = CHUNK_ROWS, parts: Sequence[range] = ()
) -> Iterator[tuple[bytes, Truth]]:
    """The rows as encoded CSV without a header, in order, each chunk with its truth."""
    writer, workers = Writer(plan), os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[tuple[bytes, Truth]]] = deque()
        for part in parts or [range(plan.rows)]:
            for first in range(part.start, part.stop, chunk_rows):
                rows = min(chunk_rows, part.stop - first)
                waiting.append(pool.submit(_encoded, writer, first, rows, encoding))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _encoded(writer: Writer, first: int, rows: int, encoding: str) -> tuple[bytes, Truth]:
    frame, truth = writer.frame(first, rows)
    text = csv(frame)
    return (text if encoding == "utf-8" else text.decode().encode(encoding)), truth


def csv(frame: pl.DataFrame) -> bytes:
    """Lines without a header; the pools' texts are quoted already."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, quote_style="never")
    return buffer.getvalue()
