"""The module in the repository is what its source says."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.infra.fields.compile_fields import compile_wasm
from citylake.infra.fields.compiler import has_compiler
from citylake.pipelines.parse.fields.field_memory import WASM_FILE


def test_the_module_is_the_source_compiled_byte_for_byte(tmp_path: Path) -> None:
    if not has_compiler():
        pytest.skip("the compiler of fields.c is not installed (requirements-fields.lock)")
    compile_wasm(tmp_path / "fields.wasm")
    assert (tmp_path / "fields.wasm").read_bytes() == WASM_FILE.read_bytes(), "make fields was not run"


def test_the_module_names_no_machine() -> None:
    module = WASM_FILE.read_bytes()
    assert len(module) < 16_384
    assert b"/" + b"root" not in module
    assert b"fields.c" not in module
