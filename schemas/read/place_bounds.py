"""Where the places of a contract must lie."""

from __future__ import annotations

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.place_box import PlaceBox
from citylake.schemas.read.registry import Registry


def place_bounds(contract: Contract, registry: Registry) -> PlaceBox | None:
    """The contract's box, else the workspace's; None if neither has one."""
    return contract.bounds or registry.workspace.settings.bounds
