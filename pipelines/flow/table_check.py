"""At the start of a run: the standard table is not older than the ledger says. The reverse is an ordinary crash."""

from __future__ import annotations

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER, list_log_files, log_file_version
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError


def check_table_version(context: RunContext, contract: Contract) -> None:
    """Raise TABLE_BEHIND_LEDGER if the table was cut or replaced by an older one: another commit would hide it.

    The commits of a table that is newer than the ledger are completed by the run. One request, no table is opened.
    """
    recorded = context.ledger.last_table_version(contract.dataset)
    if recorded < 0:
        return
    root = context.lake.standard(contract.dataset)
    if context.lake.fs.exists(f"{root}/{LOG_FOLDER}/{recorded:020}.json"):
        return
    found = _log_version(context.lake, root)  # the log of an old commit is removed after 30 days
    if found < recorded:
        raise CitylakeError("TABLE_BEHIND_LEDGER", dataset=contract.dataset, version=found, recorded=recorded)


def _log_version(lake: Lake, root: str) -> int:
    """The newest version in the log of the table at ``root``, or -1 if there is none."""
    return max((log_file_version(file.path) for file in list_log_files(lake, root)), default=-1)
