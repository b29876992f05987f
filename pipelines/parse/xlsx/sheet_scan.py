"""The rows of a sheet's XML as codes, by ``sheet_scan.c`` as WebAssembly: hostile bytes cannot leave its memory."""

from __future__ import annotations

import ctypes
import secrets
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SCAN_MODULE = Path(__file__).with_suffix(".wasm")
_ARRAYS = ("input", "cell_row", "cell_column", "cell_code", "row_number", "entry_end", "arena")
Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class ScannedRows:
    """Rows, and their cells that have a content: the XML from a cell's reference to its end."""

    row: Numbers
    """The number of each row, from 1."""
    at: Numbers
    """The place in ``row`` of each cell, in order."""
    column: Numbers
    """The column of each cell, from 0."""
    code: Numbers
    """The number of each cell's content, from 0: contents that are equal have the same number."""
    ends: Numbers
    """Where in ``texts`` each content ends that had not been found before."""
    texts: bytes
    """The new contents in UTF-8."""


@dataclass(slots=True)
class SheetScanner:
    """A module with a memory of its own; the numbers of contents grow until :meth:`restart`."""

    _store: Any
    _calls: Any
    _places: dict[str, int] = field(default_factory=dict)
    _input_bytes: int = 0
    _contents: int = 0
    _content_bytes: int = 0

    def __post_init__(self) -> None:
        """A scanner without contents."""
        base = ctypes.addressof(self._calls["memory"].data_ptr(self._store).contents)
        self._places = {name: base + self._call(f"{name}_at") for name in _ARRAYS}
        self._input_bytes = self._call("input_bytes")
        self.restart()

    def restart(self) -> None:
        """Forget all contents, and hash the next ones in another way."""
        self._call("restart", secrets.randbits(63))
        self._contents = self._content_bytes = 0

    def has_room(self) -> bool:
        """Whether the next piece can be read without :meth:`restart`."""
        return bool(self._call("has_room"))

    def scan(self, piece: bytes, row_before: int) -> ScannedRows | None:
        """The cells of whole rows below ``row_before``; None if they are not written as nearly all programs do it.

        After None, :meth:`restart` must be called.
        """
        if len(piece) > self._input_bytes:
            return None
        ctypes.memmove(self._places["input"], piece, len(piece))
        if not self._call("scan", len(piece), row_before):
            return None
        ends = self._numbers("entry_end", self._contents, self._call("entry_count"))
        start, end = self._content_bytes, int(ends[-1]) if len(ends) else self._content_bytes
        texts = ctypes.string_at(self._places["arena"] + start, end - start)
        try:
            # As every content ends with ``</c>``, each of them is UTF-8 if all are.
            texts.decode("utf-8")
        except UnicodeDecodeError:
            return None
        self._contents, self._content_bytes = self._contents + len(ends), end
        cells, rows = self._call("cell_count"), self._numbers("row_number", 0, self._call("row_count"))
        at, column, code = (self._numbers(f"cell_{name}", 0, cells) for name in ("row", "column", "code"))
        return ScannedRows(rows, at, column, code, ends - np.uint32(start), texts)

    def _numbers(self, name: str, first: int, last: int) -> Numbers:
        return np.frombuffer(ctypes.string_at(self._places[name] + 4 * first, 4 * (last - first)), np.uint32)

    def _call(self, name: str, *values: int) -> int:
        return int(self._calls[name](self._store, *values))


def open_scanner() -> SheetScanner | None:
    """A scanner; None where WebAssembly cannot be run."""
    if find_spec("wasmtime") is None:
        return None
    import wasmtime

    try:
        engine = wasmtime.Engine(_memory_as_needed(wasmtime.Config()))
        store, module = wasmtime.Store(engine), wasmtime.Module.from_file(engine, str(SCAN_MODULE))
        return SheetScanner(store, wasmtime.Instance(store, module, []).exports(store))
    except wasmtime.WasmtimeError:
        return None


def _memory_as_needed(config: Any) -> Any:
    """Without the 4 GiB of addresses that spare checks of bounds: a process may be limited to fewer."""
    config.memory_reservation = config.memory_guard_size = 0
    config.memory_may_move = False
    return config
