"""Which workspace a command reads."""

from __future__ import annotations

import os
from pathlib import Path

from citylake.schemas.words.errors import CitylakeError

_MOST_SHOWN = 12


def find_workspace(chosen: Path | None = None) -> Path:
    """The folder of the workspace: ``chosen``, else ``CITYLAKE_WORKSPACE``, else the current folder if it is one.

    Raises WORKSPACE_NOT_CHOSEN with the workspaces below the current folder.
    """
    named = chosen or os.environ.get("CITYLAKE_WORKSPACE")
    if named:
        return Path(named)
    if Path("workspace.yaml").is_file():
        return Path()
    raise CitylakeError("WORKSPACE_NOT_CHOSEN", folder=Path.cwd(), found=_workspaces_below(Path()))


def _workspaces_below(folder: Path) -> str | dict[str, str]:
    files = sorted({*folder.glob("*/workspace.yaml"), *folder.glob("workspaces/*/workspace.yaml")})
    names = [file.parent.as_posix() for file in files[:_MOST_SHOWN]]
    if not names:
        return {"zh": "没有", "en": "none"}
    return ", ".join(names) + (", …" if len(files) > _MOST_SHOWN else "")
