"""A lake in the scratch folder with the bytes of some receipts of the real one; it takes what their reading writes.

Landed bytes and stored text are linked (a folder) or fetched (an object store), and nothing writes through a link: a
receipt that is read anew first loses its files in the raw zone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.read_record import READ_FILE
from citylake.pipelines.read.receipt_records import receipt_in_lake
from citylake.pipelines.records import Receipt


class LinkedLake(Lake):
    """``real``: the lake whose receipts are linked. The scratch lake itself is a folder, and is thrown away."""

    durable = False

    def __init__(self, folder: Path, real: Lake) -> None:
        """Make an empty lake in ``folder``."""
        super().__init__(str(folder))
        self._real = real

    @cached_property
    def fs(self) -> Any:
        """The local file system."""
        return Lake(self.url).fs

    def link_receipts(self, receipts: Iterable[Receipt]) -> None:
        """Bring the bytes of receipts here: landed files and how they were read, or the text if the bytes are gone."""
        for receipt in receipts:
            here, there = receipt_in_lake(self, receipt), receipt_in_lake(self._real, receipt)
            landed = bool(there.landing) and all(self._real.fs.exists(path) for path in there.landing)
            for path, real in zip(here.landing, there.landing, strict=True) if landed else ():
                # A file that was sealed since it was received has another name than its receipt says.
                self._bring(real, f"{path.rpartition('/')[0]}/{real.rpartition('/')[2]}")
            self._link_raw(receipt, landed=landed)

    def drop_receipts(self, dataset: str) -> None:
        """Forget how receipts of a dataset were read here, and fetched bytes; links to landed files take no room."""
        for zone in ("raw",) if self._real.local else ("raw", "landing"):
            shutil.rmtree(self.path(zone, dataset), ignore_errors=True)

    def _link_raw(self, receipt: Receipt, *, landed: bool) -> None:
        folder, real = (lake.raw(receipt.dataset, receipt.id) for lake in (self, self._real))
        there = self._real.fs.ls(real, detail=False) if self._real.fs.exists(real) else []
        for name in (path.rpartition("/")[2] for path in there):
            if name == READ_FILE:
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self._real.fs.cat_file(f"{real}/{name}"))
            elif not landed:
                self._bring(f"{real}/{name}", f"{folder}/{name}")

    def _bring(self, real: str, path: str) -> None:
        if os.path.lexists(path):
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if self._real.local:
            os.symlink(real, path)
        else:
            self._real.fs.get_file(real, path)
