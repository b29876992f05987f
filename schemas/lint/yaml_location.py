"""Locations inside a declaration."""

from __future__ import annotations

from citylake.schemas.read.registry import Registry, YamlLocation


def sub_location(place: YamlLocation, *keys: str | int) -> YamlLocation:
    """The location of ``keys`` inside the declaration at ``place``."""
    return YamlLocation(place.path, (*place.keys, *keys))


def contract_location(registry: Registry, dataset: str, *keys: str | int) -> YamlLocation:
    """A location inside the contract of ``dataset``."""
    return sub_location(registry.places["dataset", dataset], *keys)
