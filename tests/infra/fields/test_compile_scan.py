"""The module that scans sheets is what its source says."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.infra.fields.compile_scan import compile_scan
from citylake.infra.fields.compiler import has_compiler
from citylake.pipelines.parse.xlsx.sheet_scan import SCAN_MODULE


def test_the_scanner_is_its_source_compiled_byte_for_byte(tmp_path: Path) -> None:
    if not has_compiler():
        pytest.skip("the compiler of sheet_scan.c is not installed (requirements-fields.lock)")
    compile_scan(tmp_path / "scan.wasm")
    compiled = (tmp_path / "scan.wasm").read_bytes()
    assert compiled == SCAN_MODULE.read_bytes(), "make fields was not run"


def test_the_scanner_imports_nothing_and_names_no_machine() -> None:
    module = SCAN_MODULE.read_bytes()
    assert len(module) < 8192
    assert b"/" + b"root" not in module
    wasmtime = pytest.importorskip("wasmtime")
    assert wasmtime.Module(wasmtime.Engine(), module).imports == []
