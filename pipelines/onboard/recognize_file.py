"""onboard: recognize a file on the local disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from citylake.pipelines.onboard.detect_content import detect_content
from citylake.pipelines.pull import zip_archive
from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.response_head import ResponseHead

_HEAD_BYTES = 1 << 20
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".geojson": "json", ".xlsx": "xlsx"}


def is_local_file(path: str) -> bool:
    """Whether ``path`` is an existing file, and no URL."""
    return bool(path) and "://" not in path and Path(path).is_file()


def recognize_file(path: Path) -> SourceGuess:
    """The source ``files`` for the file at ``path``; ``none`` if no contract can read it. Raises ZIP_BROKEN."""
    with path.open("rb") as file:
        body = file.read(_HEAD_BYTES + 1)
    where = str(path.resolve())
    head = ResponseHead(where, 200, {}, body[:_HEAD_BYTES], whole=len(body) <= _HEAD_BYTES)
    guess = detect_content(head)
    if guess.why == "zip":
        return _zip_source(path) or guess
    if not guess.source:
        return guess
    kept = {name: guess.source[name] for name in ("envelope",) if name in guess.source}
    source = {"connector": "files", "path": where, "format": guess.source.get("format", guess.kind), **kept}
    return SourceGuess("files", source, guess.why)


def member_format(name: str) -> str | None:
    """The format of a zip's member by the ending of its name; None if it is none that is read."""
    return _FORMATS.get(Path(name).suffix.lower())


def _zip_source(path: Path) -> SourceGuess | None:
    """The members that a format reads, by the most frequent ending of their names."""
    with path.open("rb") as file, zip_archive.open_zip(file, str(path)) as zipped:
        names = [zip_archive.zip_member_name(info) for info in zip_archive.data_members(zipped)]
    endings = Counter(Path(name).suffix.lower() for name in names if member_format(name))
    if not endings:
        return None
    ending = endings.most_common(1)[0][0]
    found = [name for name in names if Path(name).suffix.lower() == ending]
    source = {"connector": "files", "path": str(path.resolve()), "member": _member_pattern(found)}
    return SourceGuess("files", {**source, "format": _FORMATS[ending]}, "zip_members")


def _member_pattern(names: Sequence[str]) -> str:
    """The one member, or the pattern of all with its ending."""
    if len(names) == 1:
        return names[0]
    folders = "**/" if any("/" in name for name in names) else ""
    return f"{folders}*{Path(names[0]).suffix}"
