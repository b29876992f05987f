"""The right to read sealed bytes again: the key must be there, and the access is on record before the first byte."""

from __future__ import annotations

from collections.abc import Iterable

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.access_record import Access, AccessKind, process_user, recorded_access
from citylake.pipelines.lake.seal_keys import seal_keys
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.read.receipt_records import receipt_in_lake
from citylake.pipelines.records import Receipt


def ask_for_sealed(context: RunContext, kind: AccessKind, dataset: str, receipts: Iterable[Receipt]) -> None:
    """Record that the sealed ones of ``receipts`` are read; nothing if none is sealed.

    Raises KEY_UNSET and SEAL_KEY_BROKEN, which are on record as the outcome.
    """
    lake, asked = context.lake, context.asked
    sealed = [each.id for each in receipts if RawFile(lake, receipt_in_lake(lake, each), {}).sealed]
    if not sealed:
        return
    user, request = process_user(asked.user), ", ".join(sealed)
    access = Access(kind, "dataset", dataset, request, user, asked.via, asked.why, context.run.id)
    with recorded_access(context.ledger, access):
        seal_keys()
