"""Small files do not wait for WebAssembly, and every file is read where there is none."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from citylake.pipelines.parse import choose_parser
from citylake.pipelines.parse.arrow_parser import ArrowBlockParser
from citylake.pipelines.parse.fields import field_memory, native_memory
from citylake.pipelines.parse.fields.fields_parser import FieldsBlockParser
from citylake.pipelines.parse.plain_csv import PlainCsvFile

LARGE = 1 << 30


@pytest.fixture
def file(opened: PlainCsvFile, monkeypatch: pytest.MonkeyPatch) -> PlainCsvFile:
    monkeypatch.setattr(native_memory, "PACKAGE", "citylake_fields_absent")
    monkeypatch.setattr(field_memory, "_loaded", [])
    return opened


def test_a_large_file_is_read_by_webassembly(file: PlainCsvFile) -> None:
    assert isinstance(choose_parser.choose_block_parser(LARGE, file), FieldsBlockParser)
    assert isinstance(choose_parser.choose_block_parser(10, file), FieldsBlockParser), "once it is there"


def test_a_small_file_does_not_load_it(file: PlainCsvFile) -> None:
    assert isinstance(choose_parser.choose_block_parser(10, file), ArrowBlockParser)


def test_without_wasmtime_arrow_reads(file: PlainCsvFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    assert isinstance(choose_parser.choose_block_parser(LARGE, file), ArrowBlockParser)


def test_a_broken_module_leaves_the_work_to_arrow(
    file: PlainCsvFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    broken = tmp_path / "broken.wasm"
    broken.write_bytes(b"\0asm broken")
    monkeypatch.setattr(field_memory, "WASM_FILE", broken)
    assert isinstance(choose_parser.choose_block_parser(LARGE, file), ArrowBlockParser)


def test_native_code_is_used_where_its_wheel_is(
    file: PlainCsvFile, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = ModuleType("citylake_fields_absent")
    wheel.__file__ = str(library.with_name("__init__.py"))
    monkeypatch.setitem(sys.modules, "citylake_fields_absent", wheel)
    parser = choose_parser.choose_block_parser(10, file)
    assert isinstance(parser, FieldsBlockParser)
    assert parser.kind == "NativeFieldMemory"


def test_the_reader_imports_no_wasmtime_before_it_needs_it() -> None:
    code = "import sys, citylake.pipelines.parse.csv_blocks; print('wasmtime' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
