"""Keeps the scratch tables of a rebuild as small as the tables are: files that a commit replaced are deleted."""

from __future__ import annotations

import os
from pathlib import Path

from citylake.pipelines.flow.linked_lake import LinkedLake
from citylake.pipelines.lake.delta_table import open_delta_if_exists


def drop_replaced_files(lake: LinkedLake, dataset: str) -> None:
    """Delete the files of the dataset's scratch tables that are no longer part of them.

    Without a note in the log: a mart that is built in between reads there what has changed.
    """
    for root in (lake.standard(dataset), lake.quarantine(dataset)):
        table = open_delta_if_exists(lake, root)
        if table is None:
            continue
        active = {os.path.realpath(path.removeprefix("file://")) for path in table.file_uris()}
        for file in Path(root).rglob("*.parquet"):
            if "_delta_log" not in file.parts and os.path.realpath(file) not in active:
                file.unlink()
