"""Compile ``pipelines/parse/fields/fields.c``: to WebAssembly, and to a library of this machine's own code.

The compiler is Zig, one wheel of a pinned version (requirements-fields.lock). The same source and version make the same
WebAssembly on every machine, so the module in the repository can be compared with a new one.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from citylake.pipelines.parse.fields.field_memory import WASM_FILE

SOURCE = WASM_FILE.with_suffix(".c")
EXPORTED = ("split_fields", "__heap_base")
_STACK_BYTES = 1 << 16
_ALWAYS = (
    *("-std=c11", "-O3", "-g0", "-Wall", "-Wextra", "-Werror"),
    # The memory is used with several types; two words of a text are quicker apart than as one vector.
    *("-fno-strict-aliasing", "-fno-slp-vectorize", "-fno-builtin"),
)
_WASM = (
    *("--target=wasm32-freestanding", "-msimd128", "-mbulk-memory", "-nostdlib"),
    *("-Wl,--no-entry", "-Wl,--strip-all", f"-Wl,-z,stack-size={_STACK_BYTES}"),
    *(f"-Wl,--export={name}" for name in EXPORTED),
)
_NATIVE = ("-mcpu=baseline", "-shared", "-fPIC", "-nostdlib", "-fvisibility=hidden", "-Wl,-s")
"""For any processor of this kind: newer instructions gain three percent."""


def has_compiler() -> bool:
    """Whether the compiler is installed in this environment."""
    return importlib.util.find_spec("ziglang") is not None


def compile_wasm(target: Path) -> None:
    """Write the WebAssembly module; raises CalledProcessError."""
    _compile(_WASM, target)


def compile_native(target: Path) -> None:
    """Write the library for this machine; raises CalledProcessError."""
    _compile(_NATIVE, target)


def _compile(options: Sequence[str], target: Path) -> None:
    command = [sys.executable, "-m", "ziglang", "cc", *_ALWAYS, *options, "-o", str(target.resolve()), SOURCE.name]
    with tempfile.TemporaryDirectory(prefix="citylake-fields-") as cache:
        caches = dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), cache)
        subprocess.run(command, cwd=SOURCE.parent, env={**os.environ, **caches}, check=True)  # noqa: S603
