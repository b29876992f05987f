"""Places inside a declaration."""

from __future__ import annotations

from schemas.registry import Place, Registry


def at(place: Place, *keys: str | int) -> Place:
    """The place of ``keys`` inside the declaration at ``place``."""
    return Place(place.path, (*place.keys, *keys))


def contract_place(registry: Registry, dataset: str, *keys: str | int) -> Place:
    """A place inside the contract of ``dataset``."""
    return at(registry.places["dataset", dataset], *keys)
