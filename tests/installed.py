"""citylake as Python finds it once it is installed: by the entry points of pyproject.toml, over the code beside it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def installed(folder: Path) -> str:
    """A path for PYTHONPATH on which citylake stands with its metadata, made in ``folder``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    about = folder / f"citylake-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: citylake\nVersion: {project['version']}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {where}" for name, where in points.items())]
    (about / "entry_points.txt").write_text("\n".join(lines))
    return os.pathsep.join((str(folder), str(ROOT)))
