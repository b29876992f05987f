"""``make fields``: each WebAssembly module beside its source. ``make fields-native``: a wheel for this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from citylake.infra.fields.compile_fields import compile_wasm
from citylake.infra.fields.compile_scan import compile_scan
from citylake.infra.fields.compiler import has_compiler
from citylake.infra.fields.native_wheel import build_native_wheel
from citylake.pipelines.parse.fields.field_memory import WASM_FILE
from citylake.pipelines.parse.xlsx.sheet_scan import SCAN_MODULE

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m citylake.infra.fields", description=__doc__)
    parser.add_argument("--native", type=Path, metavar="FOLDER", help="build the wheel of native code in this folder")
    asked = parser.parse_args()
    if not has_compiler():
        sys.exit("The compiler is missing: pip install --require-hashes -r requirements-fields.lock")
    if asked.native:
        print(build_native_wheel(asked.native))
    else:
        for compiled, module in ((compile_wasm, WASM_FILE), (compile_scan, SCAN_MODULE)):
            compiled(module)
            print(f"{module.stat().st_size:,} bytes of WebAssembly in {module}")
