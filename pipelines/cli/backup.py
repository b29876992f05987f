"""``citylake backup`` and ``citylake restore``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.cli.shared import Json, Shared, console, print_json
from schemas.catalogue import word


def backup(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="Folder or object-store URL that keeps backups.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Keep only so many of the newest backups (default: all).")
    ] = None,
    as_json: Json = False,
) -> int:
    """Back up the lake, also while runs go on; only what is new is copied."""
    from pipelines.backup.step import backup as take
    from pipelines.backup.thin import thin
    from pipelines.lake import Lake
    from pipelines.usable import reachable

    shared: Shared = context.obj
    place = reachable(Lake(target))
    done = take(shared.lake(), place)
    removed = thin(place, keep) if keep else 0
    if as_json:
        print_json(asdict(done) | {"removed": removed})
        return 0
    sizes = {"size": _size(done.size_bytes), "copied_size": _size(done.copied_bytes)}
    console().print(word("backup.taken", id=done.id, files=done.files, copied=done.copied, **sizes), markup=False)
    if removed:
        console().print(word("backup.removed", count=removed, keep=keep), markup=False)
    return 0


def restore(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Folder or object-store URL that keeps backups.")],
    which: Annotated[str | None, typer.Option("--backup", help="Which backup (default: the last one).")] = None,
    as_json: Json = False,
) -> int:
    """Make the lake, which must be empty, what it was at a backup."""
    from pipelines.backup.restore import restore as make
    from pipelines.lake import Lake
    from pipelines.usable import reachable

    shared: Shared = context.obj
    done = make(reachable(Lake(source)), reachable(Lake(shared.url)), which)
    if as_json:
        print_json(asdict(done))
        return 0
    values = asdict(done) | {"size": _size(done.size_bytes), "taken_at": done.taken_at[:19]}
    console().print(word("backup.restored", **values), markup=False)
    return 0


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
