"""Every kind of memory that ``fields.c`` can work in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from citylake.infra.fields.compile_fields import compile_native
from citylake.infra.fields.compiler import has_compiler
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.block_parser import BlockParser
from citylake.pipelines.parse.fields.field_memory import FieldMemory, WasmFieldMemory
from citylake.pipelines.parse.fields.native_memory import NativeFieldMemory
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.plan_read import plan_read
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTRACT = Contract.model_validate(
    {
        "dataset": "test.data",
        "title": {"zh": "试", "en": "test"},
        "owner": {"department": "test"},
        "source": {"connector": "files", "path": "x", "format": "csv"},
        "fields": {"x": {"element": "test.x"}},
        "write": {"mode": "append"},
    }
)
NewMemory = Callable[[], FieldMemory]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source, compiled for this machine."""
    if not has_compiler():
        pytest.skip("the compiler of fields.c is not installed (requirements-fields.lock)")
    path = tmp_path_factory.mktemp("fields") / "fields.so"
    compile_native(path)
    return path


@pytest.fixture(scope="session", params=["wasm", "native"])
def new_memory(request: pytest.FixtureRequest) -> NewMemory:
    if request.param == "wasm":
        pytest.importorskip("wasmtime", reason="wasmtime is not installed")
        return WasmFieldMemory
    library: Path = request.getfixturevalue("library")
    return lambda: NativeFieldMemory(library)


@pytest.fixture
def opened(tmp_path: Path) -> PlainCsvFile:
    """A file with two columns."""
    path = tmp_path / "plain.csv"
    path.write_bytes(b"x,y\n1,2\n")
    lake = Lake(str(tmp_path / "lake"))
    receipt = Receipt("r", "run", "test.data", "x", "x", "received", NOW, NOW, landing=(str(path),))
    file = plan_read(receipt, CONTRACT, lake, tmp_path)
    assert file is not None
    return file


@pytest.fixture
def plain_file(opened: PlainCsvFile) -> Callable[[BlockParser, Sequence[bytes], Set[str]], Any]:
    """Parses parts of a file with two columns: rows, their starts and texts; None if it is not plain."""

    def parse(parser: BlockParser, parts: Sequence[bytes], rich: Set[str]) -> Any:
        ends = list(accumulate(map(len, parts)))
        parser.buffer(opened, ends[-1])[:] = b"".join(parts)
        try:
            block = parser.parse(opened, ends, rich)
        except NotPlainCsvError:
            return None
        texts = {name: column.texts().to_pylist() for name, column in block.columns.items()}
        return list(block.rows), [offsets.tolist() for offsets in block.row_offsets], texts

    return parse
