"""The declaration files of a workspace, its packs and what it extends, as texts that make the same registry again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from citylake.schemas.model.mart_test import TEST_SUFFIX
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.read.workspace import Workspace, WorkspaceCopies

FOLDERS = (
    "elements",
    "codes",
    "issues",
    "indices",
    "calendars",
    "pairs",
    "datasets",
    "marts",
    "entities",
    "corrections",
    "deliveries",
    "dimensions",
)
"""The folders of a workspace that have declarations; beside them its own files ``*.yaml``."""
_SUFFIXES = (".yaml", ".sql")


@dataclass(frozen=True, slots=True)
class DeclarationTexts:
    """Path → text: ``workspace/…``, ``extended/1/…`` (the nearest first), ``packs/<name>/…``."""

    files: Mapping[str, str]

    @property
    def digests(self) -> dict[str, str]:
        """Path → SHA-256 of the file, in order of the paths."""
        return {path: hashlib.sha256(self.files[path].encode()).hexdigest() for path in sorted(self.files)}

    @property
    def revision(self) -> str:
        """The first 16 digits of the SHA-256 over all paths and digests: the same files are the same revision."""
        listed = "".join(f"{path}\0{digest}\n" for path, digest in self.digests.items())
        return hashlib.sha256(listed.encode()).hexdigest()[:16]


def read_declaration_texts(workspace: Workspace) -> DeclarationTexts:
    """Read every declaration file of the workspace. A file that is not UTF-8, which no reader takes, is left out."""
    found: dict[str, str] = {}
    for name, folder in workspace.copied_folders().items():
        for file in _declaration_files(folder):
            try:
                found[f"{name}/{file.relative_to(folder).as_posix()}"] = file.read_bytes().decode()
            except (OSError, UnicodeDecodeError):
                continue
    return DeclarationTexts(found)


def _declaration_files(root: Path) -> Iterator[Path]:
    yield from (file for file in sorted(root.glob("*.yaml")) if file.is_file())
    for name in FOLDERS:
        files = (file for suffix in _SUFFIXES for file in (root / name).rglob(f"*{suffix}"))
        # A test of a SELECT declares nothing: with another one, the declarations are the same revision.
        yield from (file for file in sorted(files) if file.is_file() and not file.name.endswith(TEST_SUFFIX))


def write_declarations(texts: DeclarationTexts, folder: Path) -> Path:
    """Write the files below ``folder``, an empty folder. Return the folder of the workspace in it."""
    for name, text in texts.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder / "workspace"


def load_written_registry(folder: Path) -> Registry:
    """The registry of files that :func:`write_declarations` wrote: packs and extended workspaces are the copies, too.

    Indices (``indices/``) and issue types are those of the installed packs: every registry shares them. Raises as
    ``load_registry``.
    """
    packs = {each.name: each for each in (folder / "packs").glob("*")}
    extended = sorted((folder / "extended").glob("*"), key=lambda each: int(each.name))
    return load_registry(folder / "workspace", copies=WorkspaceCopies(packs, tuple(extended)))
