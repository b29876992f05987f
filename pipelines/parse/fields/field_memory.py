"""The memory in which ``fields.c`` works, and the function itself: one of each for a thread."""

from __future__ import annotations

import atexit
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import wasmtime

WASM_FILE = Path(__file__).with_name("fields.wasm")
_ALIGNMENT = 64
_PAGE = 1 << 16
_loading = threading.Lock()
_loaded: list[tuple[wasmtime.Engine, wasmtime.Module]] = []
# What is left for the end of the interpreter is freed after wasmtime's own modules.
atexit.register(_loaded.clear)


class FieldMemory(Protocol):
    """Memory that grows and is used again."""

    def resize(self, size: int) -> np.ndarray:
        """At least ``size`` bytes (uint8), valid until the next call; raises MemoryError."""

    def split(self, size: int) -> int:
        """Call ``split_fields`` with the first ``size`` bytes; returns its status. Other threads run meanwhile."""


class WasmFieldMemory:
    """An instance of the WebAssembly module, whose code reaches nothing but its own memory."""

    def __init__(self) -> None:
        """Raises ImportError without wasmtime, and RuntimeError if it does not run here."""
        import wasmtime

        try:
            engine, module = _load_module()
            self._store = wasmtime.Store(engine)
            exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        except wasmtime.WasmtimeError as error:
            raise RuntimeError(str(error)) from error
        split, memory, heap = exports["split_fields"], exports["memory"], exports["__heap_base"]
        assert isinstance(split, wasmtime.Func)
        assert isinstance(memory, wasmtime.Memory)
        assert isinstance(heap, wasmtime.Global)
        self._split, self._memory = split, memory
        self._start = -(-int(heap.value(self._store)) // _ALIGNMENT) * _ALIGNMENT

    def resize(self, size: int) -> np.ndarray:
        """At least ``size`` bytes (uint8), valid until the next call; raises MemoryError."""
        missing = self._start + size - self._memory.data_len(self._store)
        if missing > 0:
            import wasmtime

            try:
                self._memory.grow(self._store, -(-missing // _PAGE))
            except wasmtime.WasmtimeError as error:
                raise MemoryError(str(error)) from error
        return np.ctypeslib.as_array(self._memory.get_buffer_ptr(self._store, size, self._start))

    def split(self, size: int) -> int:
        """Call ``split_fields`` with the first ``size`` bytes; returns its status. Other threads run meanwhile."""
        return int(self._split(self._store, self._start, size))


def wasm_is_loaded() -> bool:
    """Whether the module has been compiled in this process, which takes longer than reading a small file."""
    return bool(_loaded)


def _load_module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    import wasmtime

    with _loading:
        if not _loaded:
            engine = wasmtime.Engine()
            _loaded.append((engine, wasmtime.Module.from_file(engine, str(WASM_FILE))))
        return _loaded[0]
