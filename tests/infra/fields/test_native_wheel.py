"""The wheel of native code installs where pip takes it, and citylake finds the library in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from citylake.infra.fields.compiler import has_compiler
from citylake.infra.fields.native_wheel import build_native_wheel
from citylake.pipelines.parse.fields.native_memory import NativeFieldMemory, native_library


def test_the_wheel_brings_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_compiler():
        pytest.skip("the compiler of fields.c is not installed (requirements-fields.lock)")
    wheel, target = build_native_wheel(tmp_path), tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*command, str(wheel)], check=True)
    monkeypatch.syspath_prepend(target)
    library = native_library()
    assert library.is_relative_to(target)
    NativeFieldMemory(library)
