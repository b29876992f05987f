"""Verification of the supplier's checksum files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.pull.connectors.files.file_names import readable_name
from citylake.pipelines.pull.connectors.files.local_files import is_local, open_local_file
from citylake.pipelines.pull.connectors.files.source_file import SourceFile
from citylake.schemas.words.errors import CitylakeError

_MOST_BYTES = 1 << 22
_DIGITS = {"md5": 32, "sha256": 64}
_DIGEST = {digits: rf"(?P<digest>[0-9A-Fa-f]{{{digits}}})" for digits in _DIGITS.values()}
_GNU = {digits: rf"\\?{digest}(?:\s+\*?(?P<name>.+))?" for digits, digest in _DIGEST.items()}
_BSD = {digits: rf"\w+ ?\((?P<name>.+)\) ?= ?{digest}" for digits, digest in _DIGEST.items()}


@dataclass(slots=True)
class ChecksumVerifier:
    """Hashes chunks; ``declared`` is the expected digest, lower-case hexadecimal."""

    algorithm: str
    declared: str
    digest: Any = field(init=False)

    def __post_init__(self) -> None:
        self.digest = hashlib.new(self.algorithm, usedforsecurity=False)

    def over(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the same chunks and hash them."""
        for chunk in chunks:
            self.digest.update(chunk)
            yield chunk

    def judge(self, file: SourceFile) -> None:
        """Raise CHECKSUM_DIFFERS unless ``file`` has the declared digest."""
        computed = self.digest.hexdigest()
        if computed != self.declared:
            values = {"algorithm": self.algorithm.upper(), "declared": self.declared, "computed": computed}
            raise CitylakeError("CHECKSUM_DIFFERS", source=file.shown, **values)


def read_checksum(file: SourceFile, path: str, algorithm: str) -> str:
    """The digest of ``file`` in the checksum file at ``path``; raises CHECKSUM_UNREADABLE.

    Lines are ``digest  name`` or ``digest *name`` (GNU), ``MD5 (name) = digest`` (BSD), or the digest alone.
    """
    text = file.store.ask(file.shown, lambda fs: _head(fs, path, file)).decode("utf-8", "replace")
    told = dict(_checksum_lines(text, _DIGITS[algorithm]))
    own = file.path.rpartition("/")[2]
    digest = told.get(own) or told.get("")
    if digest is None:
        beside = path.rpartition("/")[2]
        raise CitylakeError("CHECKSUM_UNREADABLE", source=file.shown, beside=beside, algorithm=algorithm.upper())
    return digest


def _head(fs: Any, path: str, file: SourceFile) -> bytes:
    if not is_local(fs):
        return bytes(fs.cat_file(path, end=_MOST_BYTES))
    with open_local_file(path, readable_name(path), file.bounds) as stream:
        return stream.read(_MOST_BYTES)


def _checksum_lines(text: str, digits: int) -> Iterator[tuple[str, str]]:
    """File name (without folders; empty if the line has none) and digest of each line with a digest."""
    for line in text.lstrip("\ufeff").splitlines():
        found = re.fullmatch(_GNU[digits], line.strip()) or re.fullmatch(_BSD[digits], line.strip())
        if found:
            yield re.split(r"[/\\]", found["name"] or "")[-1], found["digest"].lower()
