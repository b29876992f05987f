"""Reads files for the verification, in threads: compares digests, or decodes every page if none is recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import pyarrow.parquet as pq

from citylake.pipelines.lake.digests.file_digest import HASHED_AT_ONCE, FileDigest, digest_file, open_whole_file
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.seal_keys import has_seal_key
from citylake.pipelines.lake.sealed_file import is_sealed_file, open_sealed
from citylake.pipelines.upkeep.verify.finding import ABSENT, Finding, VerifyTally, damaged_digest, damaged_file
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions

_CHUNK = 1 << 20
_AT_ONCE = 256
"""Files whose results are held in memory."""


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file below the lake; ``recorded`` is None if no digest is known; ``rows`` as the log says, None: not said.

    ``needed``: whether the current version of its table or mart needs it; upkeep deletes others at the same time.
    """

    path: str
    size_bytes: int
    recorded: FileDigest | None
    rows: int | None = None
    needed: bool = True


def read_files(
    lake: Lake, place: str, files: Iterable[FileToRead], options: VerifyOptions, tally: VerifyTally
) -> Iterator[Finding]:
    """Read the files that ``options`` choose, and yield the damaged ones."""
    chosen = (file for file in files if options.reads(file.path))
    with ThreadPoolExecutor(HASHED_AT_ONCE, "citylake-verify") as pool:
        while part := list(islice(chosen, _AT_ONCE)):
            for file, finding in zip(part, pool.map(lambda file: _read_file(lake, place, file), part), strict=True):
                tally.read_bytes += file.size_bytes
                options.tell(file.size_bytes)
                if file.recorded is None:
                    tally.unrecorded.append(file.path)
                if finding:
                    yield finding


def _read_file(lake: Lake, place: str, file: FileToRead) -> Finding | None:
    try:
        if file.recorded is None:
            return _decode_file(lake, place, file)
        found = digest_file(lake, lake.path(file.path))
        same = found == file.recorded
        return None if same else damaged_digest(place, file.path, file.recorded, found, unused=not file.needed)
    except FileNotFoundError:
        # Log clean-up and retention delete files at the same time; gaps in a log are found without reading.
        gone = not file.needed or f"/{LOG_FOLDER}/" in file.path or place.startswith("raw/")
        return None if gone else damaged_file(place, file.path, f"{file.size_bytes:,} B", ABSENT)
    except Exception as error:
        return damaged_file(place, file.path, f"{file.size_bytes:,} B", f"{type(error).__name__}: {error}")


def _decode_file(lake: Lake, place: str, file: FileToRead) -> Finding | None:
    """Decode a file without a recorded digest: that finds most of the damage, not all of it."""
    if is_sealed_file(file.path):
        _open_file(lake, file)
        return None
    with open_whole_file(lake, lake.path(file.path)) as stream:
        if file.path.endswith(".json"):
            for line in stream.read().splitlines():
                json.loads(line)
        if not file.path.endswith(".parquet"):
            return None
        rows = sum(batch.num_rows for batch in pq.ParquetFile(stream).iter_batches(8192))
    if file.rows is None or rows == file.rows:
        return None
    return damaged_file(place, file.path, f"{file.rows:,} rows", f"{rows:,} rows")


def _open_file(lake: Lake, file: FileToRead) -> None:
    """Read what a sealed file holds, if the key is here; raises OSError if a part of it is not authentic."""
    if has_seal_key():
        with open_sealed(lake, lake.path(file.path)) as stream:
            while stream.read(_CHUNK):
                pass


def sized_findings(place: str, told: Sequence[tuple[str, int]], listed: dict[str, int]) -> Iterator[Finding]:
    """Yield the files of ``told`` (path below the lake, bytes) that are missing or have another size."""
    for path, size in told:
        found = listed.get(path)
        if found != size:
            yield damaged_file(place, path, f"{size:,} B", ABSENT if found is None else f"{found:,} B")
