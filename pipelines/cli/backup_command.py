"""``citylake backup`` and ``citylake restore``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.schemas.words.message_catalogue import translate_key


def cli_backup(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="Folder or object store URL for backups.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Number of newest backups to keep; older ones are deleted (default: all).")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Back up the lake, and copy only new files.

    Runs can continue during the backup. Exit code 0: done; 2: the backup contains files that are damaged in the lake.
    """
    from citylake.pipelines.lake.lake_access import check_reachable
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.upkeep.backup.backup_retention import delete_old_backups
    from citylake.pipelines.upkeep.backup.take_backup import back_up_lake as take

    shared: SharedOptions = context.obj
    place = check_reachable(Lake(target))
    done = take(shared.lake(), place)
    # The earlier backups may have the damaged files as they were.
    removed = delete_old_backups(place, keep) if keep and not done.damaged else 0
    code = _warn_damaged(done.id, done.damaged)
    if as_json:
        print_json(asdict(done) | {"removed": removed})
        return code
    sizes = {"size": _format_size(done.size_bytes), "copied_size": _format_size(done.copied_bytes)}
    make_console().print(translate_key("backup.taken", id=done.id, files=done.files, copied=done.copied, **sizes))
    if removed:
        make_console().print(translate_key("backup.removed", count=removed, keep=keep))
    return code


def cli_restore(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Folder or object store URL that holds the backups.")],
    which: Annotated[str | None, typer.Option("--backup", help="Id of the backup (default: the newest).")] = None,
    as_json: JsonOption = False,
) -> int:
    """Restore a backup into an empty lake. Exit code 2: some of its files were damaged before the backup."""
    from citylake.pipelines.lake.lake_access import check_reachable
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.upkeep.backup.restore_backup import restore_lake as make

    shared: SharedOptions = context.obj
    done = make(check_reachable(Lake(source)), check_reachable(Lake(shared.url)), which)
    code = _warn_damaged(done.id, done.damaged)
    if as_json:
        print_json(asdict(done))
        return code
    values = asdict(done) | {"size": _format_size(done.size_bytes), "taken_at": done.taken_at[:19]}
    make_console().print(translate_key("backup.restored", **values))
    return code


def _warn_damaged(identity: str, damaged: Sequence[str]) -> int:
    """Print which files of a backup are damaged; return the exit code."""
    from citylake.pipelines.cli.error_output import print_warning
    from citylake.schemas.words.errors import Problem

    if not damaged:
        return 0
    shown = ", ".join(damaged[:3]) + (", …" if len(damaged) > 3 else "")
    print_warning(Problem("BACKUP_NOT_WHOLE", {"id": identity, "count": len(damaged), "files": shown}))
    return 2


def _format_size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
