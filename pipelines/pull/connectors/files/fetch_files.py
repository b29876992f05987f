"""``files``: files by path, glob or fsspec URL, and members of zips, in the order of their names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial

from citylake.pipelines.pull.connector_api import Fetch, PullContext, failed_fetch
from citylake.pipelines.pull.connectors.files.file_fetcher import FileFetcher
from citylake.pipelines.pull.connectors.files.file_listing import FileListing, delivery_order, is_glob
from citylake.pipelines.pull.connectors.files.files_source import FilesSource
from citylake.pipelines.pull.connectors.files.shapefile_parts import is_shapefile_part
from citylake.pipelines.pull.connectors.files.sidecar_files import is_sidecar
from citylake.pipelines.pull.connectors.files.source_file import SourceFile
from citylake.pipelines.pull.connectors.files.store_limits import StoreLimits
from citylake.pipelines.pull.connectors.files.zip_members import ZipMembers
from citylake.pipelines.pull.credentials import load_credentials
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError


def files_fetches(source: FilesSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch per file or member; a pattern without matches is a failed fetch."""
    root = os.path.abspath(pulling.variables.get("WORKSPACE", "."))
    limits = StoreLimits(source.timeout_s, source.deadline_s)
    access, follow = load_credentials(source.connection), source.links == "follow"
    listing = FileListing(root, access, source.attempts, limits, follow_links=follow)
    found: dict[str, SourceFile] = {}
    clashes: list[SourceFile] = []
    for pattern in source.paths:
        try:
            files = [file for file in listing.matching(pattern) if not _sidecars(file, source)]
            clashes += [file for file in files if found.setdefault(file.shown, file).path != file.path]
        except CitylakeError as error:
            yield failed_fetch(redact_url(pattern), "", error)
    for file in clashes:
        yield failed_fetch(file.shown, "", CitylakeError("FILENAME_CLASH", source=file.shown))
    taking = FileFetcher(source, pulling, listing, _unambiguous_names(pulling))
    for file in sorted(found.values(), key=lambda file: (delivery_order(file.name), delivery_order(file.shown))):
        yield from _zip_fetches(file, source, taking) if source.member else (_file_fetch(file, taking),)


def _sidecars(file: SourceFile, source: FilesSource) -> bool:
    if is_shapefile_part(file.path, source):
        return True
    marks = (source.ready and source.ready.flag, source.checksum and source.checksum.mark)
    return any(is_sidecar(file.path, mark) for mark in marks if mark)


def _unambiguous_names(pulling: PullContext) -> frozenset[str]:
    """Names that exactly one committed file has."""
    times = Counter(name for name, _ in pulling.known)
    return frozenset(name for name, count in times.items() if count == 1)


def _file_fetch(file: SourceFile, taking: FileFetcher) -> Fetch:
    return Fetch(file.shown, file.name, partial(taking.parts, file), taking.proof)


def _zip_fetches(file: SourceFile, source: FilesSource, taking: FileFetcher) -> Iterator[Fetch]:
    with ZipMembers(file, taking) as members:
        try:
            names = members.names()
        except CitylakeError as error:
            yield failed_fetch(file.shown, file.name, error)
            return
        # The zips of a series have members of the same names: the zip's name tells them apart.
        series = not isinstance(source.path, str) or is_glob(source.path)
        for name in sorted(names, key=delivery_order):
            told = f"{file.name}!{name}" if series else name
            yield Fetch(f"{file.shown}!{name}", told, partial(members.parts, name, told), taking.proof)
