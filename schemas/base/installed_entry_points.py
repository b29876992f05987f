"""The entry points of the installed packages, by which extensions and packs are found."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def installed_entry_points(group: str) -> Iterable[EntryPoint]:
    """The entry points of ``group``; the metadata of all packages are read once a process, for every group."""
    found: Iterable[EntryPoint] = _scan_packages().select(group=group)
    return found


def clear_entry_points() -> None:
    """Forget what is installed; for tests that install a package in a running process."""
    _scan_packages.cache_clear()


@cache
def _scan_packages() -> Any:
    # Imported here: most commands that need no declarations need no metadata either.
    from importlib.metadata import entry_points

    return entry_points()
