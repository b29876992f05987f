"""The pack that a workspace names."""

from __future__ import annotations

from pathlib import Path

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.base.pack_folders import builtin_packs, registered_packs
from citylake.schemas.words.errors import CitylakeError


def pack_folder(name: str, file: Path) -> Path:
    """The folder of the pack ``name``, which ``file`` asks for.

    Raises PACK_UNKNOWN, PACK_UNREADABLE if its package cannot be imported, and PACK_TWICE if two packages claim it.
    """
    if name in builtin_packs():
        return builtin_packs()[name]
    registered = registered_packs()
    if name not in registered:
        near = ", ".join(nearest_words(name, registered))
        raise CitylakeError("PACK_UNKNOWN", pack=name, file=file, suggestion=near, known=", ".join(registered))
    if len(registered[name]) > 1:
        raise CitylakeError("PACK_TWICE", pack=name, packages=", ".join(registered[name]))
    [(package, folder)] = registered[name].items()
    if folder is None:
        raise CitylakeError("PACK_UNREADABLE", pack=name, file=file, package=package)
    return folder
