"""Writes a file of a workspace: whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from citylake.schemas.words.errors import CitylakeError


def write_workspace_file(file: Path, text: str) -> None:
    """Write ``file`` at once, so that a crash leaves the old one; raises WORKSPACE_NOT_WRITABLE."""
    beside = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        raise CitylakeError("WORKSPACE_NOT_WRITABLE", path=file, why=error.strerror or str(error)) from error
