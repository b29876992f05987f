"""The compiler of the C sources: Zig, one wheel of a pinned version (requirements-fields.lock).

The same source and version make the same WebAssembly on every machine, so a module in the repository can be compared
with a new one.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

WASM = (
    *("--target=wasm32-freestanding", "-msimd128", "-mbulk-memory", "-nostdlib"),
    *("-Wl,--no-entry", "-Wl,--strip-all"),
)
"""Options for WebAssembly that imports nothing."""
_ALWAYS = ("-std=c11", "-O3", "-g0", "-Wall", "-Wextra", "-Werror")


def has_compiler() -> bool:
    """Whether the compiler is installed in this environment."""
    return importlib.util.find_spec("ziglang") is not None


def compile_source(source: Path, options: Sequence[str], target: Path) -> None:
    """Compile one C file; raises CalledProcessError."""
    command = [sys.executable, "-m", "ziglang", "cc", *_ALWAYS, *options, "-o", str(target.resolve()), source.name]
    with tempfile.TemporaryDirectory(prefix="citylake-cc-") as cache:
        caches = dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), cache)
        subprocess.run(command, cwd=source.parent, env={**os.environ, **caches}, check=True)  # noqa: S603
