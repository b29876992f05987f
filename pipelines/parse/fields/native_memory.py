"""``fields.c`` as code of this machine: quicker than WebAssembly, where the wheel ``citylake-fields`` is installed."""

from __future__ import annotations

import ctypes
import importlib
from pathlib import Path

import numpy as np

PACKAGE = "citylake_fields"
LIBRARY = "fields.so"


def native_library() -> Path:
    """The library in the installed wheel; raises ImportError."""
    found = importlib.import_module(PACKAGE).__file__
    if found is None:
        raise ImportError(PACKAGE)
    return Path(found).with_name(LIBRARY)


class NativeFieldMemory:
    """Memory of this process for one thread, and the function that works in it."""

    def __init__(self, library: Path) -> None:
        """Raises OSError if the library does not load here."""
        self._split = ctypes.CDLL(str(library)).split_fields
        self._split.argtypes, self._split.restype = (ctypes.c_void_p, ctypes.c_uint64), ctypes.c_uint32
        self._held = np.zeros(0, np.uint8)

    def resize(self, size: int) -> np.ndarray:
        """At least ``size`` bytes (uint8), valid until the next call; raises MemoryError."""
        if len(self._held) < size:
            # Pages are only taken once they are written.
            self._held = np.zeros(size, np.uint8)
        return self._held

    def split(self, size: int) -> int:
        """Call ``split_fields`` with the first ``size`` bytes; returns its status. Other threads run meanwhile."""
        return int(self._split(self._held.ctypes.data, size))
