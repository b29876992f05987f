"""``make fields``: compile the parser of plain CSV, and put the module beside its source."""

from __future__ import annotations

import sys

from citylake.infra.fields.compile_fields import SOURCE, compile_wasm, has_compiler
from citylake.pipelines.parse.fields.field_memory import WASM_FILE

if __name__ == "__main__":
    if not has_compiler():
        sys.exit("The compiler is missing: pip install --require-hashes -r requirements-fields.lock")
    compile_wasm(WASM_FILE)
    print(f"{SOURCE.name}: {WASM_FILE.stat().st_size:,} bytes of WebAssembly in {WASM_FILE}")
