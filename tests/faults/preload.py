"""Compiles a C library that a child process loads before libc (``LD_PRELOAD``) to make its file system fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def compile_preload(source: Path, folder: Path) -> Path:
    """Compile ``source`` into a shared library in ``folder``. Skips the test if that cannot be done here."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if sys.platform != "linux":
        pytest.skip("only on Linux: LD_PRELOAD with glibc's file functions")
    if compiler is None:
        pytest.skip("no C compiler (on Debian and Ubuntu: apt install gcc libc6-dev)")
    library = folder / source.with_suffix(".so").name
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library
