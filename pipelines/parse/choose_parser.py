"""Which reader of plain CSV is the quickest here: fields.c as this machine's code or as WebAssembly, or Arrow."""

from __future__ import annotations

import sys
from contextlib import suppress

from citylake.pipelines.parse.arrow_parser import ArrowBlockParser
from citylake.pipelines.parse.block_parser import BlockParser
from citylake.pipelines.parse.fields.field_memory import FieldMemory, WasmFieldMemory, wasm_is_loaded
from citylake.pipelines.parse.fields.fields_parser import FieldsBlockParser
from citylake.pipelines.parse.fields.native_memory import NativeFieldMemory, native_library
from citylake.pipelines.parse.plain_csv import PlainCsvFile

_WASM_BYTES = 48 << 20
"""Bytes below which Arrow is done before wasmtime is imported and the module compiled (some 0.1 s)."""


def choose_block_parser(size: int, file: PlainCsvFile) -> BlockParser:
    """A parser for files like ``file`` with ``size`` bytes in all; each gives the same rows."""
    dialect = file.layout.dialect
    single = len(dialect.delimiter.encode()) == 1 and len(dialect.quote.encode()) <= 1 and len(file.layout.columns) > 1
    memory = _field_memory(size) if single and sys.byteorder == "little" else None
    return FieldsBlockParser(memory) if memory else ArrowBlockParser()


def _field_memory(size: int) -> FieldMemory | None:
    """None if no code runs here, or if preparing it would take longer than it gains."""
    with suppress(ImportError, OSError):
        return NativeFieldMemory(native_library())
    if size >= _WASM_BYTES or wasm_is_loaded():
        with suppress(ImportError, OSError, RuntimeError):
            return WasmFieldMemory()
    return None
