"""Turn a folder of wheels into a bundle: requirements with hashes, an installer, and checksums of all files."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path

SUMS, FACTS, REQUIREMENTS, INSTALL = "SHA256SUMS", "BUNDLE", "requirements.txt", "install.sh"


def seal_bundle(folder: Path, locked: str, wheel: Path, facts: Mapping[str, str]) -> None:
    """Add what makes ``folder`` installable; ``locked`` is the lock file's text, ``wheel`` citylake's own wheel."""
    name, version = wheel.name.split("-")[:2]
    own = f"{name}=={version} --hash=sha256:{_sum(wheel)}\n"
    (folder / REQUIREMENTS).write_text(locked + own, encoding="utf-8")
    (folder / FACTS).write_text("".join(f"{key}={value}\n" for key, value in facts.items()), encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name(INSTALL), folder / INSTALL)
    (folder / INSTALL).chmod(0o755)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{_sum(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def pack_bundle(folder: Path, archive: Path) -> None:
    """Write the folder as one archive. The same files give the same bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_name(f"{archive.name}.partial")
    # Wheels are compressed already: a higher level takes minutes and gains nothing.
    with (
        open(part, "wb") as raw,
        gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            tar.add(path, f"{folder.name}/{path.relative_to(folder).as_posix()}", recursive=False, filter=_reset_owner)
    part.replace(archive)


def _reset_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = "root"
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _sum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
