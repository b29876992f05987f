"""Compile ``pipelines/parse/fields/fields.c``: to WebAssembly, and to a library of this machine's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.infra.fields.compiler import WASM, compile_source
from citylake.pipelines.parse.fields.field_memory import WASM_FILE

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = WASM_FILE.with_suffix(".c")
EXPORTED = ("split_fields", "__heap_base")
_STACK_BYTES = 1 << 16
# The memory is used with several types; two words of a text are quicker apart than as one vector.
_ALWAYS = ("-fno-strict-aliasing", "-fno-slp-vectorize", "-fno-builtin")
_WASM = (*WASM, f"-Wl,-z,stack-size={_STACK_BYTES}", *(f"-Wl,--export={name}" for name in EXPORTED))
_NATIVE = ("-mcpu=baseline", "-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden", "-Wl,-s")
"""For any processor of this kind: newer instructions gain three percent."""


def compile_wasm(target: Path) -> None:
    """Write the WebAssembly module; raises CalledProcessError."""
    compile_source(SOURCE, (*_ALWAYS, *_WASM), target)


def compile_native(target: Path) -> None:
    """Write the library for this machine; raises CalledProcessError."""
    compile_source(SOURCE, (*_ALWAYS, *_NATIVE), target)
