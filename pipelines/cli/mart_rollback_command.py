"""``citylake mart rollback``, ``pin``, ``unpin`` and ``gc``: which version is current, and which are kept."""

from __future__ import annotations

from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

MartArgument = Annotated[str, typer.Argument(help="The mart.", metavar="MART")]
VersionArgument = Annotated[
    str, typer.Argument(help="The version, or its beginning (citylake mart versions MART).", metavar="VERSION")
]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for the ledger.")]
UserOption = Annotated[
    str | None, typer.Option("--user", help="Who decides (default: CITYLAKE_USER, else the system's user).")
]
_FAILED = 3


def cli_rollback(
    context: typer.Context,
    mart: MartArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION", help="The version, or its beginning (default: the one before)."),
    ] = None,
    why: WhyOption = "",
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Make an earlier version of a mart current again, at once.

    Readers of the current version are not disturbed. The runs that follow publish the mart when its inputs or
    declarations have changed; `citylake mart publish MART` publishes at once. Needs --why.
    """
    from citylake.pipelines.acts.person import current_person
    from citylake.pipelines.acts.roll_back_mart import roll_back_mart
    from citylake.pipelines.marts.versions.mart_documents import rollback_document

    shared: SharedOptions = context.obj
    work = shared.context(writing=True)
    moved = roll_back_mart(work, mart, current_person(user), why, to)
    done = rollback_document(moved) or {}
    path = f"{work.lake.mart(mart)}/{moved.file}"
    if as_json:
        print_json({"mart": mart, "version": moved.version, "path": path, **done})
    else:
        values = {"mart": mart, "version": moved.version, "from_version": done["from_version"]}
        print_text(translate_key("versions.rollback_done", **values))
    return 0


def cli_pin(
    context: typer.Context,
    mart: MartArgument,
    version: VersionArgument,
    why: WhyOption = "",
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Keep a version of a mart: neither the upkeep nor `citylake mart gc` removes it. Needs --why."""
    from citylake.pipelines.acts.person import current_person
    from citylake.pipelines.acts.pin_version import pin_version

    shared: SharedOptions = context.obj
    work = shared.context(writing=True)
    found = pin_version(work.ledger, work.registry, mart, version, current_person(user), why)
    return _tell("pin_done", mart, found, as_json=as_json, pinned=True)


def cli_unpin(
    context: typer.Context,
    mart: MartArgument,
    version: VersionArgument,
    why: WhyOption = "",
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Give a pinned version back to the retention of the workspace."""
    from citylake.pipelines.acts.person import current_person
    from citylake.pipelines.acts.pin_version import unpin_version

    shared: SharedOptions = context.obj
    work = shared.context(writing=True)
    found = unpin_version(work.ledger, work.registry, mart, version, current_person(user), why)
    return _tell("unpin_done", mart, found, as_json=as_json, pinned=False)


def _tell(key: str, mart: str, version: str, *, as_json: bool, pinned: bool) -> int:
    if as_json:
        print_json({"mart": mart, "version": version, "pinned": pinned})
    else:
        print_text(translate_key(f"versions.{key}", mart=mart, version=version))
    return 0


def cli_gc(
    context: typer.Context,
    mart: Annotated[str | None, typer.Argument(help="The mart (default: all).", metavar="[MART]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be done, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Delete the versions that `citylake upkeep` would delete: past mart_days and mart_versions, not pinned, not open.

    Exit code 3 if a mart failed.
    """
    from citylake.pipelines.lake.stored_files import list_mart_names
    from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep

    shared: SharedOptions = context.obj
    work = shared.context(writing=not dry_run)
    known = list_mart_names(work.lake)
    if mart is not None and mart not in known:
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=", ".join(known) or "—")
    found = list(LakeUpkeep(work, dry_run).old_versions(known if mart is None else [mart]))
    code = _FAILED if any(done.problem for done in found) else 0
    if as_json:
        documents = [done.as_dict(dry_run=dry_run) for done in found]
        print_json({"dry_run": dry_run, "exit_code": code, "done": documents})
        return code
    for done in found:
        print_text(done.say(current_language(), dry_run=dry_run))
    if not found:
        print_text(translate_key("versions.nothing_to_remove"))
    return code
