"""What parse gives and conform reads: the rows of one receipt as text, in parts that are packed into blocks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from citylake.pipelines.blocks.block import Block
    from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
    from citylake.schemas.words.errors import Problem


PartT = TypeVar("PartT", bound="BlockPart")


class SourceRestartedError(Exception):
    """A source has to read its bytes in another way: the blocks read so far are void, for all sources of the batch.

    The reader calls :meth:`SourceRows.restart` on every source of the batch and reads all of them again.
    """


class BlockPart(Protocol):
    """Some consecutive rows of one source. Neighbouring parts that are alike can be loaded as one block."""

    @property
    def share(self) -> float:
        """The part's size as a fraction of a block; a part larger than 1 makes a block of its own."""

    @property
    def alike(self) -> Hashable:
        """Only parts with equal values share a block."""

    def load(self, parts: Sequence[Any]) -> Block:
        """The block made of ``parts``, the first of which is this one. May be called from any thread.

        Raises SourceRestartedError.
        """


class SourceRows(Protocol):
    """The rows of one receipt as text columns. The implementation decides how the bytes are read."""

    @property
    def receipt(self) -> Receipt:
        """The receipt whose bytes are read."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's fields, in order."""

    @property
    def problem(self) -> Problem | None:
        """Why the receipt cannot be read; it then has no rows."""

    @property
    def refused(self) -> RefusedRecords:
        """The records that were refused one by one; known once all blocks have been read."""

    def estimate_rows(self) -> int:
        """The number of rows: exact if it is recorded, otherwise estimated from the first lines."""

    def blocks(self) -> Iterator[BlockPart]:
        """All rows in order, from the start at every call. Raises SourceRestartedError."""

    def text_files(self, folder: Path) -> tuple[str, ...]:
        """All rows in order as Parquet of text, for what needs them all at once. Raises SourceRestartedError.

        Those of the raw zone, or files below ``folder``, which is on the local disk.
        """

    def restart(self) -> None:
        """Discard what was read, and change to another way of reading if this one has failed."""

    def store(self) -> ParsedReceipt:
        """The receipt as it is in the raw zone; reads the bytes only if they were not read completely."""


def pack_blocks(parts: Iterable[PartT]) -> Iterator[list[PartT]]:
    """Neighbouring parts that are alike, packed to at most one block."""
    packed: list[PartT] = []
    filled = 0.0
    for part in parts:
        if packed and (filled + part.share > 1 or packed[0].alike != part.alike):
            yield packed
            packed, filled = [], 0.0
        packed.append(part)
        filled += part.share
    if packed:
        yield packed


def load_block(parts: Sequence[BlockPart]) -> Block:
    """The block of packed parts; raises SourceRestartedError."""
    return parts[0].load(parts)
