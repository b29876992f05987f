"""The folder of an export: what was written into it, and what was left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citylake.schemas.words.errors import CitylakeError


@dataclass(slots=True)
class ExportFolder:
    """Writes files below ``root``, replacing those of the same name. Raises OUTPUT_UNWRITABLE."""

    root: Path
    files: list[Path] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    """Rows by table."""
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: the columns that the receiver may not have."""

    def place(self, name: str) -> Path:
        """The path of a file that is about to be written."""
        path = self.root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path, error) from error
        self.files.append(path)
        return path

    def write_text(self, name: str, text: str) -> Path:
        """Write a text in UTF-8."""
        path = self.place(name)
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise unwritable(path, error) from error
        return path

    def write_json(self, name: str, document: Mapping[str, Any]) -> Path:
        """Write a JSON document for people and programs."""
        return self.write_text(name, json.dumps(document, ensure_ascii=False, indent=2) + "\n")

    def write_checksums(self) -> Path:
        """Write ``SHA256SUMS`` of the files so far, as ``sha256sum --check`` reads it."""
        lines = [f"{sha256_of(path)}  {path.relative_to(self.root).as_posix()}\n" for path in self.files]
        return self.write_text("SHA256SUMS", "".join(lines))

    def as_document(self) -> dict[str, Any]:
        """What was written, for JSON."""
        left_out = {name: list(columns) for name, columns in self.left_out.items() if columns}
        return {"files": [str(path) for path in self.files], "rows": self.rows, "left_out": left_out}


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unwritable(path: Path, error: OSError) -> CitylakeError:
    """The fault of a file that cannot be written."""
    return CitylakeError("OUTPUT_UNWRITABLE", file=str(path), why=error.strerror or str(error))
