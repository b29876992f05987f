"""Which of a table's files are small enough to be put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from citylake.pipelines.commit.table_files import TableFile
from citylake.pipelines.commit.upsert_merge import staged_partitions

TARGET_BYTES = 128_000_000
SMALL_BYTES = TARGET_BYTES // 2
"""A file below it is worth putting with others; two such files always fit together."""
TARGET_ROWS = 8_000_000
FileBin = tuple[TableFile, ...]


def plan_bins(files: Sequence[TableFile]) -> Iterator[FileBin]:
    """Files of one partition that become one, in the order of the table; a file that stays alone is in none.

    Largest first into the first place with room, so that at most one small file a partition is left over: done again,
    nothing is found.
    """
    order = {file.path: place for place, file in enumerate(files)}
    for _, group in staged_partitions(files):
        small = [file for file in group if file.rows is not None and file.size_bytes < SMALL_BYTES]
        for made in _pack_files(sorted(small, key=lambda file: (-file.size_bytes, file.path))):
            if len(made) > 1:
                yield tuple(sorted(made, key=lambda file: order[file.path]))


def _pack_files(files: Sequence[TableFile]) -> list[list[TableFile]]:
    found: list[list[TableFile]] = []
    for file in files:
        room = next((each for each in found if _fits_bin(each, file)), None)
        if room is None:
            found.append([file])
        else:
            room.append(file)
    return found


def _fits_bin(made: Sequence[TableFile], file: TableFile) -> bool:
    size_bytes = sum(each.size_bytes for each in made) + file.size_bytes
    return size_bytes <= TARGET_BYTES and sum(each.rows for each in made) + file.rows <= TARGET_ROWS
