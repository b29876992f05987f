"""Reading a file over connections that break at any moment: its bytes and no others, or a fault."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.pull.connectors.files import file_store as opening
from citylake.pipelines.pull.connectors.files.file_store import FileStore
from citylake.pipelines.pull.connectors.files.file_version import FileVersion
from citylake.pipelines.pull.connectors.files.source_file import FileReader, SourceFile
from citylake.pipelines.pull.credentials import Credentials
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples

BODY = random.Random(7).randbytes(50_000)


class Breaking(io.BytesIO):
    """A stream that breaks once it was asked ``patience`` times, and stays broken."""

    def __init__(self, patience: int) -> None:
        super().__init__(BODY)
        self.patience = patience

    def read(self, size: int | None = -1) -> bytes:
        self.patience -= 1
        if self.patience < 0:
            raise ConnectionResetError(104, "Connection reset by peer")
        return super().read(size)


class Breakable(MemoryFileSystem):  # type: ignore[misc]
    """A store each of whose connections serves so many reads."""

    cachable = False

    def __init__(self, patience: list[int], **options: Any) -> None:
        super().__init__(**options)
        self.patience = patience

    def open(self, *_: Any, **__: Any) -> Breaking:
        return Breaking(self.patience.pop(0) if self.patience else 99_999)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(0, 9_000)),
        st.tuples(st.just("seek"), st.integers(0, 50_000)),
        st.tuples(st.just("from the end"), st.integers(0, 50_000)),
    ),
    max_size=30,
)


@settings(max_examples=examples(37, 150), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(patience=st.lists(st.integers(0, 4), max_size=12), asked=steps, attempts=st.integers(1, 4))
def test_what_is_read_is_what_lies_there(
    monkeypatch: pytest.MonkeyPatch, patience: list[int], asked: list[tuple[str, int]], attempts: int
) -> None:
    monkeypatch.setattr(opening, "open_source_filesystem", lambda *_: Breakable(patience))
    file = SourceFile(FileStore("memory://x", Credentials(), attempts), "/x", "x", "x", FileVersion(len(BODY)))
    plain, fault = io.BytesIO(BODY), ""
    try:
        with FileReader(file) as reading:
            for step, number in asked:
                if step == "read":
                    assert reading.read(number) == plain.read(number)
                else:
                    whence = 0 if step == "seek" else 2
                    place = number if step == "seek" else -number
                    assert reading.seek(place, whence) == plain.seek(place, whence)
                assert reading.tell() == plain.tell()
    except CitylakeError as error:
        fault = error.code
    assert fault in ("", "STORE_BROKE_OFF")
