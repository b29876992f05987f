"""Finds files and receipts that no log refers to yet but that must not be deleted: those of unfinished batches."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from citylake.pipelines.commit.delta_transaction import COMMIT_NOTE_KEY, is_batch_committed
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import duplicates_table
from citylake.pipelines.lake.stored_files import list_folder_names, list_stored_files

if TYPE_CHECKING:
    from deltalake import DeltaTable

_TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)"')


def names_in_step_states(lake: Lake) -> frozenset[str]:
    """Return every id and file name in the step states of runs.

    Collects all JSON strings, also of incomplete files: it is safer to protect too much than too little.
    """
    root, found = lake.path("handoff"), set[str]()
    for file in list_stored_files(lake, root):
        try:
            text = lake.fs.cat_file(f"{root}/{file.path}")
        except FileNotFoundError:
            continue  # the run has finished, and the log contains its files
        found |= {_name(json.loads(b'"' + each + b'"')) for each in _TEXT.findall(text)}
    return frozenset(found)


def unrecorded_loser_files(lake: Lake) -> frozenset[str]:
    """Return the names of files of lost rows whose commit crashed before they were added to the ledger of duplicates.

    They cannot be written again, because their rows were removed from the table.
    """
    named = open_delta_if_exists(lake, lake.ledger(duplicates_table.TABLE))
    found: set[str] = set()
    for dataset in list_folder_names(lake, lake.path("standard")):
        table = open_delta_if_exists(lake, lake.standard(dataset))
        found |= _losers(table, named) if table is not None else set()
    return frozenset(found)


def _losers(table: DeltaTable, named: DeltaTable | None) -> set[str]:
    notes = (json.loads(entry.get(COMMIT_NOTE_KEY) or "{}") for entry in table.history())
    losing = [note for note in notes if note.get("losers")]
    return {
        _name(path)
        for note in losing
        if named is None or not is_batch_committed(named, note["batch"])
        for path in note["losers"]
    }


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
