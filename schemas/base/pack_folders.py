"""Packs: folders of vocabulary by domain, found through the entry points ``citylake.packs``.

A pack is a package whose folder holds any of ``elements/ codes/ issues/ indices/ marts/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from citylake.schemas.base.installed_entry_points import installed_entry_points

_GROUP = "citylake.packs"
_BUILTIN_ROOT = Path(__file__).resolve().parents[1] / "packs"


@cache
def builtin_packs() -> Mapping[str, Path]:
    """Name → folder of each built-in pack, ``base`` first.

    They need no metadata: a checkout that is not installed, or was installed before a pack was added, has them too.
    """
    folders = [file.parent for file in _BUILTIN_ROOT.glob("*/__init__.py")]
    return {folder.name: folder for folder in sorted(folders, key=lambda folder: (folder.name != "base", folder.name))}


@cache
def registered_packs() -> Mapping[str, Mapping[str, Path | None]]:
    """Name → package → folder of each pack, built-in or installed; no folder if the package cannot be imported."""
    found: dict[str, dict[str, Path | None]] = {
        name: {f"citylake.schemas.packs.{name}": folder} for name, folder in builtin_packs().items()
    }
    for entry in installed_entry_points(_GROUP):
        found.setdefault(entry.name, {}).setdefault(entry.value, package_folder(entry.value))
    return found


def installed_packs() -> Mapping[str, Path]:
    """Name → folder of each pack that can be read."""
    folders = {name: [folder for folder in each.values() if folder] for name, each in registered_packs().items()}
    return {name: found[0] for name, found in folders.items() if found}


def index_files() -> list[Path]:
    """The files with editions of indices of every installed pack."""
    return [path for folder in installed_packs().values() for path in sorted((folder / "indices").glob("*.yaml"))]


def package_folder(package: str) -> Path | None:
    """The folder of an installed package; None if there is none, or a package around it cannot be imported."""
    from importlib.util import find_spec

    try:
        spec = find_spec(package)
    except Exception:
        # find_spec imports the packages around it, which may raise anything.
        return None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0]).resolve() if folders else None
