"""Ledger table ``files``: size and SHA-256 of the lake's files; the last row of a path is valid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, Literal

import polars as pl

from citylake.pipelines.lake.digests.file_digest import FileDigest

TABLE = "files"
SCHEMA = pl.Schema(
    {
        "recorded_at": pl.Datetime("us", "UTC"),
        "run": pl.String(),
        # Path of the table or folder below the lake: standard/<dataset>, raw/<dataset>, marts/<mart>, ledger/<table>.
        "place": pl.String(),
        # Path below the lake. A mart's pointer is replaced by each version: marts/<mart>/current.json@<version>.
        "path": pl.String(),
        "size_bytes": pl.Int64(),
        "sha256": pl.String(),
        # commit: computed before the file became part of the lake; found: as it was found later.
        "origin": pl.String(),
        "sequence": pl.Int64(),
    }
)
DigestOrigin = Literal["commit", "found"]
RecordedFile = tuple[str, FileDigest, DigestOrigin]
"""Path below the lake, digest, origin."""


def file_rows(run: str, place: str, found: Iterable[RecordedFile], recorded_at: datetime) -> Iterator[dict[str, Any]]:
    """Return one row per file."""
    for path, digest, origin in found:
        yield {
            "recorded_at": recorded_at,
            "run": run,
            "place": place,
            "path": path,
            "size_bytes": digest.size_bytes,
            "sha256": digest.sha256,
            "origin": origin,
        }


def last_digests(rows: pl.LazyFrame, place: str, paths: Collection[str] | None) -> dict[str, FileDigest]:
    """Return the valid digests by path, of the files of ``place``, or of those of them that are in ``paths``."""
    chosen = rows.filter(pl.col("place") == place)
    if paths is not None:
        chosen = chosen.filter(pl.col("path").is_in(sorted(paths)))
    found = chosen.select("sequence", "path", "size_bytes", "sha256").collect(engine="streaming")
    told = found.sort("sequence", maintain_order=True).iter_rows()
    return {path: FileDigest(size, sha256) for _, path, size, sha256 in told}
