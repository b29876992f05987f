"""Compile ``pipelines/parse/xlsx/sheet_scan.c`` to WebAssembly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.infra.fields.compiler import WASM, compile_source
from citylake.pipelines.parse.xlsx.sheet_scan import SCAN_MODULE

if TYPE_CHECKING:
    from pathlib import Path

SCAN_SOURCE = SCAN_MODULE.with_suffix(".c")
_MEMORY_BYTES = 64 << 20
"""All arrays are static, so the memory never grows."""
_MEMORY = (f"-Wl,--initial-memory={_MEMORY_BYTES}", f"-Wl,--max-memory={_MEMORY_BYTES}")


def compile_scan(target: Path) -> None:
    """Write the module; raises CalledProcessError."""
    compile_source(SCAN_SOURCE, (*WASM, *_MEMORY), target)
