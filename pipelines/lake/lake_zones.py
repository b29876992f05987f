"""The lake's zones: where every kind of file lives below one root, a folder or an object-store URL."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
"""The name of a partition of rows that have no value for it."""


class Lake:
    """Paths and storage of one lake. All paths are text, joined with ``/``, for fsspec, polars and deltalake."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") if "://" in url else os.path.abspath(url)

    @property
    def local(self) -> bool:
        """Whether the lake is a folder."""
        return "://" not in self.url

    @cached_property
    def fs(self) -> Any:
        """The fsspec file system that holds the lake."""
        from citylake.quality.object_store import open_filesystem

        return open_filesystem(self.url, self.storage_options)

    @cached_property
    def storage_options(self) -> dict[str, str] | None:
        """Options for polars and deltalake, from the usual ``AWS_*`` variables; none for a folder."""
        if self.local:
            return None
        from citylake.quality.object_store import object_store_options

        return object_store_options(os.environ)

    def path(self, *parts: str) -> str:
        """A path below the lake."""
        return "/".join((self.url, *parts))

    def landing(self, dataset: str, day: str, receipt: str) -> str:
        """The folder of a receipt's bytes, exactly as received; ``day`` is ``yyyy-mm-dd``."""
        return self.path("landing", dataset, *day.split("-"), receipt)

    def raw(self, dataset: str, receipt: str) -> str:
        """The folder of a receipt's text columns, as Parquet."""
        return self.path("raw", dataset, receipt)

    def standard(self, dataset: str) -> str:
        """The standard Delta table of a dataset."""
        return self.path("standard", dataset)

    def quarantine(self, dataset: str) -> str:
        """The Delta table of a dataset's refused rows."""
        return self.path("quarantine", dataset)

    def curated(self, mart: str, table: str) -> str:
        """The Delta table behind one table of a mart."""
        return self.path("curated", mart, table)

    def mart(self, mart: str) -> str:
        """The folder of a mart's published DuckDB files and its pointer."""
        return self.path("marts", mart)

    def ledger(self, table: str) -> str:
        """One Delta table of the ledger: receipts, batches, checks, publications, duplicates."""
        return self.path("ledger", table)

    def report(self, run: str) -> str:
        """The page of one run."""
        return self.path("reports", f"{run}.html")

    def makedirs(self, path: str) -> None:
        """Make a folder where the store has folders."""
        if self.local:
            os.makedirs(path, exist_ok=True)

    def rename(self, path: str, to: str) -> None:
        """Give a file its name. Not fsspec's ``mv``, which takes brackets in names for a pattern on object stores."""
        if self.local:
            os.replace(path, to)
        else:
            self.fs.cp_file(path, to)
            self.remove(path)

    def remove(self, path: str) -> None:
        """Delete one file, brackets in its name or not."""
        self.fs.rm_file(self.fs._strip_protocol(path))
