"""What every way of reading a dataset begins with: a run, a replay, a released batch."""

from __future__ import annotations

import os
from contextlib import suppress

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.token_key import require_token_key
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import has_hidden


def begin_dataset(context: RunContext, contract: Contract) -> None:
    """Tell the run's watch. Raises KEY_UNSET or KEY_BROKEN before anything is read of a dataset that needs the key."""
    require_token_key(contract, context.registry)
    if context.lake.local and has_hidden(contract, context.registry):
        _close_folder(context.lake.quarantine(contract.dataset))
    context.watch.dataset_begins(context, contract)


def _close_folder(folder: str) -> None:
    """Rows in the quarantine are as they were sent: only the lake's owner may read them."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with suppress(PermissionError):
        # Of another owner, who alone can close it.
        os.chmod(folder, 0o700)
