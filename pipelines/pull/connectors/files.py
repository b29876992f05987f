"""``files``: files by path, glob or fsspec URL, and members of zips, in natural order of their names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial

from pipelines.pull.connector import Fetch, Pulling, refused
from pipelines.pull.credentials import credentials
from pipelines.pull.redact import shown_url
from pipelines.pull.store.beside import lies_beside
from pipelines.pull.store.file import File
from pipelines.pull.store.listing import Listing, is_pattern, natural
from pipelines.pull.store.member import Members
from pipelines.pull.store.taking import Taking
from schemas.faults import CitylakeError
from schemas.source import FilesSource


def fetches(source: FilesSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch a file, or a member; a pattern that matches nothing is a fetch that fails."""
    root = os.path.abspath(pulling.variables.get("WORKSPACE", "."))
    listing = Listing(root, credentials(source.connection), source.attempts)
    found: dict[str, File] = {}
    for pattern in (source.path,) if isinstance(source.path, str) else source.path:
        try:
            found |= {file.shown: file for file in listing.matching(pattern) if not _beside(file, source)}
        except CitylakeError as error:
            yield refused(shown_url(pattern), "", error)
    taking = Taking(source, pulling, listing, _told_apart(pulling))
    for file in sorted(found.values(), key=lambda file: (natural(file.name), natural(file.shown))):
        yield from _of_zip(file, source, taking) if source.member else (_whole(file, taking),)


def _beside(file: File, source: FilesSource) -> bool:
    marks = (source.ready and source.ready.flag, source.checksum and source.checksum.mark)
    return any(lies_beside(file.path, mark) for mark in marks if mark)


def _told_apart(pulling: Pulling) -> frozenset[str]:
    """Names of committed files that only one file goes by."""
    times = Counter(name for name, _ in pulling.known)
    return frozenset(name for name, count in times.items() if count == 1)


def _whole(file: File, taking: Taking) -> Fetch:
    return Fetch(file.shown, file.name, partial(taking.parts, file), taking.proof)


def _of_zip(file: File, source: FilesSource, taking: Taking) -> Iterator[Fetch]:
    members = Members(file, taking)
    try:
        names = members.names()
    except CitylakeError as error:
        yield refused(file.shown, file.name, error)
        return
    # Zips of one series hold members of the same names: only the zip's own name tells them apart.
    series = not isinstance(source.path, str) or is_pattern(source.path)
    for name in sorted(names, key=natural):
        told = f"{file.name}!{name}" if series else name
        yield Fetch(f"{file.shown}!{name}", told, partial(members.parts, name, told), taking.proof)
