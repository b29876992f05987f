"""The zones of a lake: where each kind of file is stored below one root, a folder or an object-store URL."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
"""The partition of rows whose partition column is null."""


POINTER_FILE = "current.json"
"""In a mart's folder: the file that names the published version."""

STABLE_FILE = "current.duckdb"
"""In a mart's folder: a link to the file of the published version, for tools that need one name."""


class Lake:
    """Paths and storage options of one lake. All paths are text joined with ``/``, for fsspec, polars and deltalake."""

    durable = True
    """Whether its files must outlast a power cut: those of a scratch lake need not."""

    def __init__(self, url: str) -> None:
        protocol, mark, place = url.partition("://")
        self.url = f"{protocol}{mark}{place.rstrip('/')}" if mark else os.path.abspath(url)

    @property
    def local(self) -> bool:
        """Whether the lake is a folder."""
        return "://" not in self.url

    @cached_property
    def fs(self) -> Any:
        """The fsspec file system of the lake."""
        from citylake.pipelines.lake.object_store import open_filesystem

        return open_filesystem(self.url, self.storage_options)

    def fs_path(self, path: str) -> str:
        """Return ``path`` as :attr:`fs` lists it: without the protocol, for an object store bucket and key."""
        from fsspec.core import strip_protocol

        return str(strip_protocol(path))

    @cached_property
    def storage_options(self) -> dict[str, str] | None:
        """Options for polars and deltalake, from the usual ``AWS_*`` variables; None for a folder."""
        if self.local:
            return None
        from citylake.pipelines.lake.object_store import object_store_options

        return object_store_options(os.environ)

    def path(self, *parts: str) -> str:
        """Return a path below the root."""
        return "/".join((self.url, *parts))

    def landing(self, dataset: str, day: str, receipt: str) -> str:
        """Folder of a receipt's bytes, exactly as received. ``day``: ``yyyy-mm-dd``."""
        return self.path("landing", dataset, *day.split("-"), receipt)

    def raw(self, dataset: str, receipt: str) -> str:
        """Folder of a receipt's text columns (Parquet), or of how they are read from its landed bytes."""
        return self.path("raw", dataset, receipt)

    def standard(self, dataset: str) -> str:
        """Standard Delta table of a dataset."""
        return self.path("standard", dataset)

    def quarantine(self, dataset: str) -> str:
        """Delta table of a dataset's quarantined rows."""
        return self.path("quarantine", dataset)

    def curated(self, mart: str, table: str) -> str:
        """Delta table from which one table of a mart is published."""
        return self.path("curated", mart, table)

    def mart(self, mart: str) -> str:
        """Folder of a mart's published DuckDB files and its pointer."""
        return self.path("marts", mart)

    def ledger(self, table: str) -> str:
        """One Delta table of the ledger, such as ``receipts`` or ``batches``."""
        return self.path("ledger", table)

    def delivered(self, delivery: str, *parts: str) -> str:
        """Folder of what a receiver is known to have: keys and digests of the rows of its last deliveries."""
        return self.path("deliveries", delivery, *parts)

    @property
    def reports(self) -> str:
        """Folder of the report site, unless it is built elsewhere."""
        return self.path("reports")

    def makedirs(self, path: str) -> None:
        """Create a folder; does nothing on an object store, which has none."""
        if self.local:
            os.makedirs(path, exist_ok=True)

    def rename(self, path: str, to: str) -> None:
        """Rename a file. Not fsspec's ``mv``, which reads brackets in a name as a glob pattern on object stores."""
        if self.local:
            os.replace(path, to)
        else:
            self.fs.cp_file(path, to)
            self.remove(path)

    def remove(self, path: str) -> None:
        """Delete one file. Not fsspec's ``rm``, which reads brackets in a name as a glob pattern."""
        self.fs.rm_file(self.fs_path(path))
