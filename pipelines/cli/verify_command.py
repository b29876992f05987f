"""``citylake verify``: compares the ledger, the tables and the files of the lake."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.upkeep.verify.finding import Finding, VerifyTally
    from citylake.pipelines.upkeep.verify.verify_options import ReadCallback

_LISTED = 1000
"""Maximum number of files without a digest in the JSON document."""


def cli_verify(
    context: typer.Context,
    dataset: Annotated[list[str] | None, typer.Argument(help="Datasets to verify (default: the whole lake).")] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every file and compare its SHA-256 with the recorded one.")
    ] = False,
    record: Annotated[
        bool,
        typer.Option("--record", help="Record the SHA-256 of files that have none, as they are now."),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Compare the ledger, the tables and the files of the lake, and report what differs.

    Without `--deep`: table versions, batches, counts, and the existence and size of files. Runs can continue. Exit
    code 0: no finding; 2: findings; 3: failed.
    """
    from citylake.pipelines.context import new_run
    from citylake.pipelines.flow.run_pipeline import EXIT_DONE, EXIT_HELD
    from citylake.pipelines.lake.lake_access import check_writable
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.upkeep.verify.record_lake import record_lake_files
    from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification, check_datasets
    from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions

    quiet_retries()
    shared: SharedOptions = context.obj
    lake = shared.lake()
    start, ledger = time.perf_counter(), Ledger(check_writable(lake) if record else lake)
    check_datasets(ledger, dataset or ())
    with _read_progress(quiet=as_json or not deep) as tell:
        work = LakeVerification(ledger, VerifyOptions(frozenset(dataset or ()), deep, tell=tell))
        found = list(work.findings())
    recorded = record_lake_files(ledger, new_run().id) if record else 0
    if as_json:
        document = _document(found, work.tally, deep=deep) | {"recorded": recorded}
        print_json(document | {"seconds": time.perf_counter() - start})
    else:
        _print_findings(found, work.tally, deep=deep)
        if record:
            print_text(translate_key("verify.recorded", count=f"{recorded:,}"))
    return EXIT_HELD if found else EXIT_DONE


def _document(found: list[Finding], tally: VerifyTally, *, deep: bool) -> dict[str, Any]:
    return {
        "deep": deep,
        "files": tally.files,
        "size_bytes": tally.size_bytes,
        "read_bytes": tally.read_bytes,
        "unrecorded": len(tally.unrecorded),
        "unrecorded_files": tally.unrecorded[:_LISTED],
        "findings": [finding.as_dict() for finding in found],
    }


def _print_findings(found: list[Finding], tally: VerifyTally, *, deep: bool) -> None:
    from citylake.quality.report.number_format import format_size

    for finding in found:
        print_text(finding.as_dict()["text"][current_language()])
    # The last commit to ``ledger/files`` is recorded by the next one: nothing to do about it.
    unrecorded = [path for path in tally.unrecorded if not path.startswith("ledger/files/")]
    values = {
        "files": f"{tally.files:,}",
        "size": format_size(tally.size_bytes),
        "read": format_size(tally.read_bytes),
        "count": f"{len(found):,}",
        "unrecorded": f"{len(unrecorded):,}",
    }
    print_text(translate_key("verify.deep_done" if deep else "verify.done", **values))
    if unrecorded:
        print_text(translate_key("verify.unrecorded", **values))


@contextmanager
def _read_progress(*, quiet: bool) -> Iterator[ReadCallback]:
    """Yield the callback for bytes read. It draws a bar on standard error, or nothing if ``quiet``."""
    if quiet:
        yield lambda _size: None
        return
    from rich.progress import DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn())
    with Progress(*columns, console=make_console(error=True), transient=True) as bars:
        task = bars.add_task(translate_key("verify.reading"), total=None)
        yield lambda size: bars.update(task, advance=size)
