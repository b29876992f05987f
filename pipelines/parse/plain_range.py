"""Some bytes of a receipt's plain text, without reading what follows them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import is_stored_as_received
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.parse.compressed_file import compression_of, unpacked_chunks
from citylake.pipelines.parse.landed_bytes import plain_text
from citylake.pipelines.parse.local_landing import landing_changed, local_landing, unpacked_chunks_of
from citylake.pipelines.parse.plan_read import refuse_write
from citylake.pipelines.parse.read_record import NOT_REWRITTEN, ReadRecord
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.pull import zip_archive
from citylake.pipelines.records import Receipt
from citylake.schemas.words.errors import CitylakeError

_SIGNATURE = 16
"""Bytes by which a compression is recognised."""


def read_plain_range(receipt: Receipt, record: ReadRecord, lake: Lake, start: int, end: int) -> bytes:
    """Bytes ``start`` to ``end`` of the text that the record counts; raises LANDING_LOST.

    Of a landed text only these are read. A compressed file or a zip is read from its start, as a stream; a text that
    has to be rewritten first is copied to scratch. What the lake has compressed or sealed is read whole and
    compared with the receipt (LANDING_CHANGED).
    """
    (path,) = receipt.landing
    if not is_stored_as_received(path):
        return _read_unpacked(receipt, record, lake, start, end)
    try:
        kind = compression_of(lake.fs.cat_file(path, start=0, end=_SIGNATURE))
        if record.rewritten != NOT_REWRITTEN or (kind and record.part):
            return _read_copy(receipt, record, lake, start, end)
        if not kind and not record.part:
            return bytes(lake.fs.cat_file(path, start=start, end=end))
        with lake.fs.open(path, "rb") as file:
            chunks = unpacked_chunks(file, kind) if kind else _member_chunks(file, receipt.source, record.part)
            return _cut(chunks, start, end)
    except OSError as error:
        raise CitylakeError("LANDING_LOST", file=path, reason=error.strerror or str(error)) from error


def _member_chunks(file: IO[bytes], shown: str, member: str) -> Iterator[bytes]:
    with zip_archive.open_zip(file, shown) as archive:
        info = zip_archive.find_zip_member(archive, member, shown)
        if info is not None:
            yield from zip_archive.read_zip_member(archive, info, shown, info.file_size)


def _cut(chunks: Iterator[bytes], start: int, end: int) -> bytes:
    found, place = bytearray(), 0
    for chunk in chunks:
        found += chunk[max(start - place, 0) : max(end - place, 0)]
        place += len(chunk)
        if place >= end:
            break
    return bytes(found)


def _read_unpacked(receipt: Receipt, record: ReadRecord, lake: Lake, start: int, end: int) -> bytes:
    digest = sha256()
    chunks = _hashed(unpacked_chunks_of(receipt, receipt.landing[0], lake), digest)
    head = next(chunks, b"")
    if record.rewritten != NOT_REWRITTEN or record.part or compression_of(head):
        return _read_copy(receipt, record, lake, start, end)
    found = _cut(chain([head], chunks), start, end)
    for _ in chunks:
        pass
    if digest.hexdigest() != receipt.sha256:
        raise landing_changed(receipt, f"SHA-256 {digest.hexdigest()[:12]}…")
    return found


def _hashed(chunks: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _read_copy(receipt: Receipt, record: ReadRecord, lake: Lake, start: int, end: int) -> bytes:
    with scratch_folder() as scratch:
        folder = Path(scratch)
        request = ReadRequest(local_landing(receipt, lake, folder), receipt.source, folder, refuse_write)
        with plain_text(request, record).open("rb") as file:
            file.seek(start)
            return file.read(end - start)
