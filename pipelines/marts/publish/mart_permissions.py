"""Who may open a mart's files: the mode and the group of its folders, as ``readers`` in ``workspace.yaml`` says.

A mart without ``readers`` is left to the umask. On an object store there are no modes: the bucket's policy decides
about the prefix ``marts/<mart>/``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from citylake.pipelines.lake.lake_zones import POINTER_FILE, Lake
from citylake.pipelines.marts.publish.mart_leases import LEASE_FOLDER
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.reader_group import ReaderGroup
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

_GROUP_MAY_READ = 0o050
_PASS = stat.S_IXGRP | stat.S_IXOTH
_LEASES = stat.S_ISVTX | 0o020
"""A reader of the group may add a lease, and removes none of another."""


def readers_of(mart: Mart, registry: Registry, lake: Lake) -> ReaderGroup | None:
    """The group that may read the mart; none if the umask decides. Raises READERS_UNKNOWN."""
    if mart.readers is None or not lake.local:
        return None
    declared = registry.workspace.settings.readers
    if mart.readers not in declared:
        raise CitylakeError("READERS_UNKNOWN", mart=mart.mart, name=mart.readers, suggestion=sorted(declared))
    return declared[mart.readers]


def restrict_folders(lake: Lake, mart: Mart, registry: Registry) -> None:
    """Make the mart's folders, or give existing ones their mode and group; before anything is written to them.

    Raises READERS_UNKNOWN, READERS_GROUP_MISSING and READERS_NOT_APPLIED.
    """
    readers = readers_of(mart, registry, lake)
    if readers is None:
        return
    with _explained(mart, readers):
        lake.makedirs(lake.mart(mart.mart))
        _restrict(lake.mart(mart.mart), readers, readers.folder_mode | stat.S_ISGID)
        # The tables that it is made from have every count exactly, and days that were held: they are nobody else's.
        curated = lake.path("curated", mart.mart)
        lake.makedirs(curated)
        os.chmod(curated, stat.S_IRWXU)
        # Whatever the umask: readers pass through the folder of all marts, and list nothing in it.
        above = lake.path("marts")
        os.chmod(above, stat.S_IMODE(os.stat(above).st_mode) | _PASS)


def share_file(lake: Lake, mart: Mart, registry: Registry, path: str, *, fixed: bool) -> None:
    """Give a file of the mart's folder the mode and group of its readers. ``fixed``: nobody writes to it again."""
    readers = readers_of(mart, registry, lake)
    if readers is not None:
        with _explained(mart, readers):
            _restrict(path, readers, readers.file_mode & 0o444 if fixed else readers.file_mode)


def share_version(lake: Lake, mart: Mart, registry: Registry, version: str) -> None:
    """Let readers open a version whose pointer was written, and leave leases of it."""
    readers = readers_of(mart, registry, lake)
    if readers is None:
        return
    share_file(lake, mart, registry, f"{lake.mart(mart.mart)}/{POINTER_FILE}", fixed=False)
    if readers.folder_mode & _GROUP_MAY_READ == _GROUP_MAY_READ:
        leases = f"{lake.mart(mart.mart)}/{LEASE_FOLDER}"
        with _explained(mart, readers):
            for folder in (leases, f"{leases}/{version}"):
                lake.makedirs(folder)
                _restrict(folder, readers, readers.folder_mode | stat.S_ISGID | _LEASES)


def _restrict(path: str, readers: ReaderGroup, mode: int) -> None:
    found = os.stat(path)
    group = _group_number(readers.group) if readers.group else found.st_gid
    if stat.S_IMODE(found.st_mode) & ~mode:
        # What is too much goes first: the new group must not have it for a moment.
        os.chmod(path, stat.S_IMODE(found.st_mode) & mode)
    if group != found.st_gid:
        os.chown(path, -1, group)
    if stat.S_IMODE(os.stat(path).st_mode) != mode:
        os.chmod(path, mode)


def _group_number(name: str) -> int:
    """The number of a group; a name of digits is the number. Raises KeyError."""
    import grp

    return int(name) if name.isdecimal() else grp.getgrnam(name).gr_gid


@contextmanager
def _explained(mart: Mart, readers: ReaderGroup) -> Iterator[None]:
    values = {"mart": mart.mart, "readers": mart.readers, "group": readers.group or "–", "mode": readers.mode}
    try:
        yield
    except KeyError as error:
        raise CitylakeError("READERS_GROUP_MISSING", **values) from error
    except OSError as error:
        raise CitylakeError("READERS_NOT_APPLIED", **values, why=error.strerror or str(error)) from error
