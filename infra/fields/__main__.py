"""``make fields``: the WebAssembly beside its source. ``make fields-native``: a wheel for this machine in ``dist``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from citylake.infra.fields.compile_fields import SOURCE, compile_wasm, has_compiler
from citylake.infra.fields.native_wheel import build_native_wheel
from citylake.pipelines.parse.fields.field_memory import WASM_FILE

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m citylake.infra.fields", description=__doc__)
    parser.add_argument("--native", type=Path, metavar="FOLDER", help="build the wheel of native code in this folder")
    asked = parser.parse_args()
    if not has_compiler():
        sys.exit("The compiler is missing: pip install --require-hashes -r requirements-fields.lock")
    if asked.native:
        print(build_native_wheel(asked.native))
    else:
        compile_wasm(WASM_FILE)
        print(f"{SOURCE.name}: {WASM_FILE.stat().st_size:,} bytes of WebAssembly in {WASM_FILE}")
