"""A new workspace: a copy of the folder ``starter``."""

from __future__ import annotations

import shutil
from pathlib import Path

from citylake.schemas.words.errors import CitylakeError

_STARTER = Path(__file__).resolve().parent / "starter"
# A file named .gitignore would apply to the starter itself.
_RENAMED = {"gitignore": ".gitignore"}


def create_workspace(folder: Path) -> list[Path]:
    """Write a small workspace with sample data into ``folder`` and return its files.

    Raises WORKSPACE_FOLDER_NOT_EMPTY, also if ``folder`` is a file; then nothing is written. Raises
    WORKSPACE_NOT_WRITABLE.
    """
    sources = [path for path in sorted(_STARTER.rglob("*")) if path.is_file() and path.parent.name != "__pycache__"]
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CitylakeError("WORKSPACE_FOLDER_NOT_EMPTY", path=folder)
        return [_copy(source, folder) for source in sources]
    except OSError as error:
        raise CitylakeError("WORKSPACE_NOT_WRITABLE", path=folder, why=error.strerror or str(error)) from error


def _copy(source: Path, folder: Path) -> Path:
    target = folder / source.relative_to(_STARTER).with_name(_RENAMED.get(source.name, source.name))
    target.parent.mkdir(parents=True, exist_ok=True)
    # The content alone: an installed package may be read-only, and its files too.
    return Path(shutil.copyfile(source, target))
