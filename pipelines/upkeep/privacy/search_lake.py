"""Searches every file of a lake for texts: the proof that a person is in none of them."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from zipfile import BadZipFile, ZipFile

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.lake.digests.file_digest import open_whole_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import is_stored_as_received, open_landed
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.sealed_file import is_sealed_file, open_sealed
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.parse.compressed_file import compression_of, unpacked_chunks

_CHUNK = 1 << 20
_IN_MEMORY = 64 << 20
_ZIP = b"PK\x03\x04"
_UNREADABLE = (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)
"""What the libraries raise for a packed file that is damaged, under a password, or packed in a way they do not know."""
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


@dataclass(slots=True)
class SearchResult:
    """``files``: how many were read to their end; ``found``: the paths below the lake that hold one of the texts.

    ``unopened``: files whose content could not be read: damaged, under a password, or packed twice.
    """

    files: int = 0
    found: list[str] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)


class _UnopenedError(Exception):
    """What a file packs could not be read."""


def search_lake(lake: Lake, texts: Sequence[str], tell: Callable[[int], None] = lambda _: None) -> SearchResult:
    """Read every file below the lake and look for ``texts``.

    Sealed and compressed files are opened, every column of Parquet and DuckDB files is read; anything else is read as
    bytes, in the encodings of sources. Raises KEY_UNSET and SEAL_KEY_WRONG.
    """
    result = SearchResult()
    for file in list_stored_files(lake, lake.url):
        with suppress(FileNotFoundError):
            try:
                if _has_text(lake, file.path, texts):
                    result.found.append(file.path)
                result.files += 1
            except _UnopenedError:
                result.unopened.append(file.path)
            tell(result.files)
    return result


def _has_text(lake: Lake, path: str, texts: Sequence[str]) -> bool:
    whole = lake.path(path)
    if any(text in path for text in texts) or _bytes_have(_chunks(lake, whole), texts):
        return True
    if path.removesuffix(".age").endswith(".parquet"):
        with _opening(pa.ArrowInvalid), _whole_file(lake, whole) as file:
            return parquet_has(file, texts)
    return path.endswith(".duckdb") and _duckdb_has(lake, whole, texts)


@contextmanager
def _opening(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise _UnopenedError from error


def _content(lake: Lake, path: str) -> AbstractContextManager[IO[bytes]]:
    """What a file holds, without what the lake has packed it in, to be read to its end."""
    if not is_stored_as_received(path):
        return open_landed(lake, path)
    return open_sealed(lake, path) if is_sealed_file(path) else open_whole_file(lake, path)


@contextmanager
def _whole_file(lake: Lake, path: str) -> Iterator[IO[bytes]]:
    """The same, to be read at any place: in memory if it is small, else in a file without a name."""
    with _content(lake, path) as stream, SpooledTemporaryFile(_IN_MEMORY) as file:
        copyfileobj(stream, file, _CHUNK)
        file.seek(0)
        yield cast("IO[bytes]", file)


def _chunks(lake: Lake, path: str) -> Iterator[bytes]:
    """What a file holds, and then what its source has packed in it."""
    with _content(lake, path) as stream:
        head = stream.read(_CHUNK)
        yield head
        while chunk := stream.read(_CHUNK):
            yield chunk
    kind, packed = compression_of(head), head.startswith(_ZIP)
    if kind or packed:
        with _whole_file(lake, path) as file, _opening(*_UNREADABLE):
            yield from unpacked_chunks(file, kind) if kind else _zip_chunks(file)


def _zip_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content of the members of a zip, or of a workbook."""
    with ZipFile(file) as whole:
        for name in whole.namelist():
            with whole.open(name) as member:
                head = member.read(_CHUNK)
                if compression_of(head) or head.startswith(_ZIP):
                    raise _UnopenedError
                yield head
                while chunk := member.read(_CHUNK):
                    yield chunk


def _bytes_have(chunks: Iterator[bytes], texts: Sequence[str]) -> bool:
    """Whether one of the texts is in the bytes, also across chunks."""
    wanted = {encoded for text in texts for name in _ENCODINGS if (encoded := _encoded(text, name))}
    # As JSON and Delta logs may write it.
    wanted |= {text.encode("unicode_escape") for text in texts}
    longest = max(map(len, wanted), default=0)
    rest = b""
    for chunk in chunks:
        rest += chunk
        if any(each in rest for each in wanted):
            return True
        rest = rest[-longest:]
    return False


def _encoded(text: str, encoding: str) -> bytes:
    with suppress(UnicodeEncodeError):
        return text.encode(encoding)
    return b""


def parquet_has(file: IO[bytes], texts: Sequence[str]) -> bool:
    """Whether any column has one of the texts: in a value, nested ones included, or in a dictionary.

    A dictionary may hold values that no row of the file has: of rows that were refused.
    """
    schema = pq.ParquetFile(file).schema_arrow
    plain = [field.name for field in schema if field.type in (pa.string(), pa.large_string())]
    batches = pq.ParquetFile(file, read_dictionary=plain).iter_batches(50_000)
    return any(_batch_has(batch, texts) for batch in batches)


def _batch_has(batch: pa.RecordBatch, texts: Sequence[str]) -> bool:
    for column in batch.columns:
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if _frame_has(pl.DataFrame({"values": pl.Series(values)}), texts):
            return True
    return False


def _frame_has(rows: pl.DataFrame, texts: Sequence[str]) -> bool:
    for name in rows.columns:
        column = rows[name]
        if column.dtype == pl.String and column.str.contains_any(list(texts)).any():
            return True
        if column.dtype.is_nested() and any(text in str(value) for value in column.to_list() for text in texts):
            return True
    return False


def _duckdb_has(lake: Lake, path: str, texts: Sequence[str]) -> bool:
    import duckdb

    with scratch_folder() as scratch:
        local = path
        if not lake.local:
            local = str(Path(scratch) / "mart.duckdb")
            lake.fs.get_file(path, local)
        with _opening(duckdb.Error), duckdb.connect(local, read_only=True) as held:
            listed = held.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
            return any(_table_has(held, f'"{schema}"."{table}"', texts) for schema, table in listed)


def _table_has(held: object, table: str, texts: Sequence[str]) -> bool:
    reader = held.sql(f"SELECT * FROM {table}").to_arrow_reader(50_000)  # type: ignore[attr-defined]
    return any(_frame_has(pl.DataFrame(batch), texts) for batch in reader)
