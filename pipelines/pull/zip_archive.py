"""Members of an untrusted zip: it may be truncated, encrypted, a zip bomb, or contain paths outside itself."""

from __future__ import annotations

import hashlib
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import IO

from citylake.schemas.words.errors import CitylakeError

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800


@contextmanager
def open_zip(file: IO[bytes], shown: str) -> Iterator[zipfile.ZipFile]:
    """The zip in ``file``; raises ZIP_BROKEN, or ZIP_CLIMBS if the path of a member leads outside."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise CitylakeError("ZIP_BROKEN", file=shown, member="—", reason=str(error)) from error
    with archive:
        for info in archive.infolist():
            if not info.filename:
                raise CitylakeError("ZIP_BROKEN", file=shown, member="—", reason="a member has no name")
            if _escapes_root(zip_member_name(info)):
                raise CitylakeError("ZIP_CLIMBS", file=shown, member=zip_member_name(info))
        yield archive


def list_zip_members(archive: zipfile.ZipFile, pattern: str) -> list[zipfile.ZipInfo]:
    """The files whose path matches ``pattern``; ``**`` matches across folders, ``*`` does not."""
    return [info for info in data_members(archive) if _matches_pattern(zip_member_name(info), pattern)]


def data_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in the zip, without what macOS stores beside them (``__MACOSX/``, ``._name``)."""
    files = (info for info in archive.infolist() if not info.is_dir())
    return [info for info in files if not _is_macos_metadata(zip_member_name(info))]


def find_zip_member(archive: zipfile.ZipFile, name: str, shown: str) -> zipfile.ZipInfo | None:
    """The member ``name``; raises ZIP_MEMBER_TWICE if there are several with different contents."""
    return only_member(archive, members_by_name(archive).get(name, ()), name, shown)


def members_by_name(archive: zipfile.ZipFile) -> dict[str, list[zipfile.ZipInfo]]:
    """All members by their path, which several may have."""
    found: dict[str, list[zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        found.setdefault(zip_member_name(info), []).append(info)
    return found


def only_member(
    archive: zipfile.ZipFile, found: Sequence[zipfile.ZipInfo], name: str, shown: str
) -> zipfile.ZipInfo | None:
    """The one of the members ``found`` by the path ``name``, None if there is none; raises ZIP_MEMBER_TWICE."""
    if len(found) < 2:
        return found[0] if found else None
    if len({(info.CRC, info.file_size) for info in found}) > 1 or len({_digest(archive, each) for each in found}) > 1:
        raise CitylakeError("ZIP_MEMBER_TWICE", file=shown, member=name, times=len(found))
    return found[0]


def _digest(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[int, bytes | None]:
    """Two members may have one checksum by design; one whose bytes cannot be read is like no other."""
    digest = hashlib.sha256()
    try:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
    except Exception:
        return info.header_offset, None
    return 0, digest.digest()


def zip_member_name(info: zipfile.ZipInfo) -> str:
    """The member's path, with ``/`` between folders. Names that are not UTF-8 are GB18030 in Chinese zips."""
    # Some Windows programs write backslashes, which are no part of a name there.
    return _decode_name(info).replace("\\", "/")


def _decode_name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    # The zip says CP437 for all of them.
    stored = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return stored.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def read_zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, max_bytes: int) -> Iterator[bytes]:
    """The member's bytes in chunks; raises ZIP_ENCRYPTED, ZIP_TOO_LARGE (by what it declares) or ZIP_BROKEN."""
    name = zip_member_name(info)
    if info.flag_bits & _ENCRYPTED:
        raise CitylakeError("ZIP_ENCRYPTED", file=shown, member=name)
    # zipfile never yields more than the declared size: this stops a zip bomb before it is unpacked.
    if info.file_size > max_bytes:
        raise CitylakeError("ZIP_TOO_LARGE", file=shown, member=name, size=info.file_size, limit=max_bytes)
    try:
        with archive.open(info) as member:
            while chunk := member.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError) as error:
        raise CitylakeError("ZIP_BROKEN", file=shown, member=name, reason=str(error) or "cut short") from error


def _escapes_root(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or bool(re.match(r"[A-Za-z]:", path)) or ".." in path.split("/")


def _is_macos_metadata(name: str) -> bool:
    folders, _, own = name.rpartition("/")
    return own.startswith("._") or "__MACOSX" in folders.split("/")


def _matches_pattern(name: str, pattern: str) -> bool:
    if "**" in pattern:
        return fnmatchcase(name, pattern) or fnmatchcase(name, pattern.replace("**/", ""))
    return name.count("/") == pattern.count("/") and fnmatchcase(name, pattern)
