"""The rows of a sheet's XML as codes, by ``sheet_scan.c`` as WebAssembly: hostile bytes cannot leave its memory."""

from __future__ import annotations

import ctypes
import secrets
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    import wasmtime

_MODULE = Path(__file__).with_suffix(".wasm")
Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class ScannedRows:
    """``row``: the number of each row, from 1. ``at``, ``column`` and ``code`` have an item for each cell with content:
    its place in ``row``, its column from 0, and the number of its content."""

    row: Numbers
    at: Numbers
    column: Numbers
    code: Numbers


@dataclass(slots=True)
class SheetScanner:
    """One memory of its own; the numbers of contents grow until :meth:`restart`."""

    _store: Any
    _calls: Any
    _base: int = field(init=False)

    def __post_init__(self) -> None:
        """An empty scanner."""
        self._base = ctypes.addressof(self._calls["memory"].data_ptr(self._store).contents)
        self.restart()

    def restart(self) -> None:
        """Forget all contents, and hash the next ones in another way."""
        self._call("restart", secrets.randbits(63))

    def has_room(self) -> bool:
        """Whether a piece can be read without :meth:`restart`."""
        return bool(self._call("has_room"))

    def scan(self, piece: bytes, row_before: int) -> ScannedRows | None:
        """The cells of whole rows below ``row_before``; None if their XML is not as nearly all programs write it.

        After None, the contents are forgotten.
        """
        if len(piece) <= self._call("input_bytes"):
            ctypes.memmove(self._base + self._call("input_at"), piece, len(piece))
            if self._call("scan", len(piece), row_before):
                rows, cells = self._call("row_count"), self._call("cell_count")
                places = (self._numbers(f"cell_{name}", cells) for name in ("row", "column", "code"))
                return ScannedRows(self._numbers("row_number", rows), *places)
        self.restart()
        return None

    def contents(self, first: int) -> pl.Series:
        """The contents from number ``first`` on. Raises pyarrow.ArrowInvalid for bytes that are not UTF-8."""
        ends = self._numbers("entry_end", self._call("entry_count"))
        offsets = np.concatenate([ends[first - 1 : first] if first else np.zeros(1, np.uint32), ends[first:]])
        start = int(offsets[0])
        text = ctypes.string_at(self._base + self._call("arena_at") + start, int(offsets[-1]) - start)
        buffers = [None, pa.py_buffer((offsets - start).astype(np.int32)), pa.py_buffer(text)]
        texts = pa.StringArray.from_buffers(len(offsets) - 1, buffers[1], buffers[2])
        texts.validate(full=True)
        return pl.Series("content", pl.from_arrow(texts))

    def _numbers(self, name: str, count: int) -> Numbers:
        return np.frombuffer(ctypes.string_at(self._base + self._call(f"{name}_at"), 4 * count), np.uint32)

    def _call(self, name: str, *values: int) -> int:
        return int(self._calls[name](self._store, *values))


def open_scanner() -> SheetScanner | None:
    """A scanner; None where WebAssembly cannot be run."""
    if find_spec("wasmtime") is None:
        return None
    import wasmtime

    store = wasmtime.Store(_engine())
    return SheetScanner(store, wasmtime.Instance(store, _module(), []).exports(store))


@cache
def _engine() -> wasmtime.Engine:
    import wasmtime

    return wasmtime.Engine()


@cache
def _module() -> wasmtime.Module:
    import wasmtime

    return wasmtime.Module.from_file(_engine(), str(_MODULE))
