"""The declarations of every time: each state of the workspace under which something was recorded, file by file."""

from __future__ import annotations

import json
from importlib.metadata import version

import polars as pl

from citylake.pipelines.lake.ledger import declarations_table, revisions_table
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore, ledger_now
from citylake.schemas.read.declaration_texts import DeclarationTexts
from citylake.schemas.words.errors import CitylakeError


class RecordedRevisions:
    """The revisions in the ledger. A text that several revisions have is stored once."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._known: set[str] = set()

    def add(self, declared: DeclarationTexts, run: str) -> str:
        """Record a revision, unless it is on record. Return its name."""
        revision = declared.revision
        if revision not in self._known and not self._rows(revision).height:
            self._add_texts(declared)
            row = revisions_table.revision_row(revision, declared.digests, version("citylake"), run, ledger_now())
            self._store.add(revisions_table.TABLE, [row])
        self._known.add(revision)
        return revision

    def texts(self, revision: str) -> DeclarationTexts:
        """Return the files of a revision. Raises REVISION_UNKNOWN."""
        rows = self._rows(revision)
        if not rows.height:
            raise CitylakeError("REVISION_UNKNOWN", revision=revision)
        digests: dict[str, str] = json.loads(rows.row(-1, named=True)["files"])
        chosen = pl.col("sha256").is_in(list(digests.values()))
        found = self._store.read(declarations_table.TABLE, chosen).select("sha256", "text")
        texts = dict(found.iter_rows())
        return DeclarationTexts({path: texts[digest] for path, digest in digests.items()})

    def _rows(self, revision: str) -> pl.DataFrame:
        return self._store.read(revisions_table.TABLE, pl.col("revision") == revision)

    def _add_texts(self, declared: DeclarationTexts) -> None:
        known = set(self._store.scan(declarations_table.TABLE).select("sha256").collect()["sha256"])
        fresh = {digest: declared.files[path] for path, digest in declared.digests.items() if digest not in known}
        now = ledger_now()
        rows = (declarations_table.declaration_row(digest, text, now) for digest, text in fresh.items())
        self._store.add(declarations_table.TABLE, rows)
