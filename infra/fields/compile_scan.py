"""``python -m citylake.infra.fields.compile_scan``: compile ``pipelines/parse/xlsx/sheet_scan.c`` to WebAssembly.

The same source and the same version of the compiler (requirements-fields.lock) make the same module on every machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from citylake.infra.fields.compile_fields import has_compiler
from citylake.pipelines.parse.xlsx.sheet_scan import SCAN_MODULE

SCAN_SOURCE = SCAN_MODULE.with_suffix(".c")
_MEMORY_BYTES = 64 << 20
"""All arrays are static, so the memory never grows."""
_OPTIONS = (
    *("-std=c11", "-O3", "-g0", "-Wall", "-Wextra", "-Werror"),
    *("--target=wasm32-freestanding", "-msimd128", "-mbulk-memory", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all"),
    *(f"-Wl,--initial-memory={_MEMORY_BYTES}", f"-Wl,--max-memory={_MEMORY_BYTES}"),
)


def compile_scan(target: Path) -> None:
    """Write the module; raises CalledProcessError."""
    command = [sys.executable, "-m", "ziglang", "cc", *_OPTIONS, "-o", str(target.resolve()), SCAN_SOURCE.name]
    with tempfile.TemporaryDirectory(prefix="citylake-scan-") as cache:
        caches = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
        subprocess.run(command, cwd=SCAN_SOURCE.parent, env={**os.environ, **caches}, check=True)  # noqa: S603


if __name__ == "__main__":
    if not has_compiler():
        sys.exit("The compiler is missing: pip install --require-hashes -r requirements-fields.lock")
    compile_scan(SCAN_MODULE)
    print(f"{SCAN_SOURCE.name}: {SCAN_MODULE.stat().st_size:,} bytes of WebAssembly in {SCAN_MODULE}")
