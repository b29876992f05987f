"""``citylake upkeep``: compacts tables and deletes files that are no longer needed."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key

_FAILED = 3


def cli_upkeep(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be done, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Compact tables; delete expired and unreferenced files.

    No row is changed. Exit code 3 if a task failed.
    """
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep

    quiet_retries()
    shared: SharedOptions = context.obj
    start, found = time.perf_counter(), []
    for done in LakeUpkeep(shared.context(writing=not dry_run), dry_run).everything():
        found.append(done)
        if not as_json:
            print_text(done.say(current_language(), dry_run=dry_run))
    code = _FAILED if any(done.problem for done in found) else 0
    if as_json:
        documents = [done.as_dict(dry_run=dry_run) for done in found]
        seconds = time.perf_counter() - start
        print_json({"dry_run": dry_run, "seconds": seconds, "exit_code": code, "done": documents})
    elif not found:
        print_text(translate_key("upkeep.nothing"))
    return code
