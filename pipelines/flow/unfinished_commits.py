"""Notes of commits: what a process was about to commit, so that another can finish it if it dies in the midst.

The next run usually does it, because it receives the same bytes again. It cannot if the source has other bytes by then,
or if they come in a batch with other files: rows would be in the table whose refused rows, lost rows and batch no table
of the lake names. A note is in ``working/<dataset>/`` from before the first transaction until the ledger has the batch.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from contextlib import suppress

from pydantic import TypeAdapter

from citylake.pipelines.commit.commit_batch import complete_staged_batch
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.dataset_steps import committed_batch, present_history
from citylake.pipelines.flow.work_mark import NOTE_SUFFIX, mark_folder, mark_line
from citylake.pipelines.records import BatchResult, PipelineBatch
from citylake.schemas.model.contract import Contract

log = logging.getLogger(__name__)
_JSON = TypeAdapter(list[PipelineBatch])


def note_commits(context: RunContext, contract: Contract, batches: Sequence[PipelineBatch]) -> None:
    """Leave a note of the batches that are committed now."""
    staged = [batch for batch in batches if batch.is_staged]
    if staged:
        context.lake.makedirs(mark_folder(context.lake, contract.dataset))
        context.lake.fs.pipe_file(_path(context, contract), mark_line() + _JSON.dump_json(staged))


def forget_commits(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
    """Remove the note, once the ledger has the batches. One that failed in the midst is left to the next run."""
    if all(result.status != "failed" for result in results):
        with suppress(FileNotFoundError):
            context.lake.fs.rm_file(_path(context, contract))


def complete_commits(context: RunContext, contract: Contract, notes: Collection[str]) -> None:
    """Finish what dead processes have begun: the refused rows, the lost rows and the ledger's row of each batch.

    Of a batch that is not in the standard table nothing is visible, and nothing is done. A note that cannot be carried
    out (its files are swept away) stops no run.
    """
    for path in notes:
        try:
            body = context.lake.fs.cat_file(path)
        except FileNotFoundError:
            continue  # another run was first
        try:
            for batch in _JSON.validate_json(body.partition(b"\n")[2]):
                _complete(context, contract, batch)
            context.ledger.flush_batch()
        except Exception:
            log.exception("a commit of dataset %s that was interrupted cannot be completed", contract.dataset)
        with suppress(FileNotFoundError):
            context.lake.fs.rm_file(path)


def _complete(context: RunContext, contract: Contract, batch: PipelineBatch) -> None:
    context.ledger.expire_deliveries()
    staged = batch.staged
    if staged is None or staged.batch in context.ledger.committed_batches(contract.dataset)["batch"]:
        return
    done = complete_staged_batch(staged, context.lake, present_history(context, contract))
    if done is not None:
        result = committed_batch(context, contract, batch, done).result
        context.ledger.add_batches([result], result.fingerprint, staged.run, context.declared_revision())


def _path(context: RunContext, contract: Contract) -> str:
    return f"{mark_folder(context.lake, contract.dataset)}/{context.run.id}-{os.getpid()}{NOTE_SUFFIX}"
