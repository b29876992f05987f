"""One changed file in place of the file of today's workspace that declares the same ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from citylake.schemas.base.pack_folders import index_files
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.read.registry import Registry, read_declarations
from citylake.schemas.words.errors import CitylakeError

Declared = tuple[str, str]
"""A kind of declaration, as in ``Registry.places``, and an id."""
_STORES = {"dataset": "contracts", "element": "elements", "codes": "codes", "crosswalk": "crosswalks"}


def changed_index(path: Path) -> str | None:
    """The id of the edition of an index that the file replaces; None if it is no such file."""
    document = _read(path)
    identity = document.get("id") if isinstance(document, dict) else None
    known = {read_yaml(file).get("id") for file in index_files()}
    return str(identity) if identity in known else None


def replace_file(registry: Registry, path: Path) -> None:
    """Let the file's declarations take the place of those with their ids, and of the file that those are in.

    What else a file of the workspace declared is gone, as it will be when the file is replaced; of a file of a pack,
    only the same ids are overridden. Raises TRIAL_FILE_NEW if today's workspace has none of the ids.
    """
    document = _read(path)
    ids = list(_declared_ids(document, registry))
    replaced = [registry.places[each].path for each in ids if each in registry.places]
    if not replaced:
        raise CitylakeError("TRIAL_FILE_NEW", file=str(path), ids=", ".join(name for _, name in ids) or "—")
    own = {file for file in replaced if file.is_relative_to(registry.workspace.root)}
    for each, place in list(registry.places.items()):
        if each in ids or place.path in own:
            _take_out(registry, each)
    registry.invalid = [each for each in registry.invalid if each.place.path not in own]
    registry.clashes = [each for each in registry.clashes if each.again.path not in own]
    kind = "datasets" if isinstance(document, dict) else "codes" if ids[0][0] != "element" else "elements"
    read_declarations(registry, kind, path)


def _take_out(registry: Registry, declared: Declared) -> None:
    kind, name = declared
    if kind in _STORES:
        getattr(registry, _STORES[kind]).pop(name, None)
        registry.places.pop(declared, None)


def _declared_ids(document: Any, registry: Registry) -> Iterator[Declared]:
    if isinstance(document, dict) and isinstance(document.get("dataset"), str):
        yield "dataset", document["dataset"]
    for entry in document if isinstance(document, list) else ():
        identity = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(identity, str):
            yield _kind(entry, identity, registry), identity


def _kind(entry: dict[str, Any], identity: str, registry: Registry) -> str:
    if "pairs" in entry:
        return "crosswalk"
    return "element" if "symbol" in entry or ("element", identity) in registry.places else "codes"


def _read(path: Path) -> Any:
    try:
        return read_yaml(path)
    except Exception as error:
        raise CitylakeError("TRIAL_CHANGE_UNKNOWN", change=str(path), reason=str(error).splitlines()[0]) from error
