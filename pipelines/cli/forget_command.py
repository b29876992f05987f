"""``citylake forget``: removes one person from the lake, and proves it by search."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, render_issue, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.upkeep.privacy.forget_person import ForgottenPerson

_DONE, _FOUND = 0, 2


def cli_forget(
    context: typer.Context,
    token: Annotated[str | None, typer.Argument(help="The person's token, as standard tables have it.")] = None,
    why: Annotated[str, typer.Option("--why", help="Why, such as the number of the request; recorded.")] = "",
    value: Annotated[
        bool,
        typer.Option("--value", help="Read the identifier itself from standard input, or from a prompt; never shown."),
    ] = False,
    backup: Annotated[
        list[str] | None, typer.Option("--backup", help="A place of backups, to name those that are older.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Remove one person from landing, raw, standard, quarantine and marts, and search every file for what is left.

    No replay and no later delivery brings the rows back. After an interruption, the same command goes on. Run it while
    nothing else writes. Exit code 0: found in no file; 1: wrong usage; 2: some files still hold the person, or
    a receipt, a mart or a key is missing.
    """
    from citylake.pipelines.lake.access_record import Asked
    from citylake.pipelines.lake.lake_access import check_reachable
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.upkeep.privacy.forget_person import forget_person, person_marks

    if (token is None) is not value:
        raise CitylakeError("FORGET_WHO_MISSING")
    shared: SharedOptions = context.obj
    work = replace(shared.context(writing=True), asked=Asked(why=why))
    places = [check_reachable(Lake(place)) for place in backup or ()]
    text = _read_value() if value else None
    found = [forget_person(work, marks, places) for marks in person_marks(work, token, text)]
    if as_json:
        print_json({"persons": [_document(each) for each in found]})
    else:
        for each in found:
            _print(each)
    return _DONE if all(each.complete for each in found) else _FOUND


def _read_value() -> str:
    """The identifier, never from the command line: other users of the machine can read that."""
    text = typer.prompt("", hide_input=True, prompt_suffix="> ") if sys.stdin.isatty() else sys.stdin.readline()
    if not str(text).strip():
        raise CitylakeError("FORGET_WHO_MISSING")
    return str(text).strip()


def _document(done: ForgottenPerson) -> dict[str, Any]:
    return {
        "digest": done.digest,
        "receipts": done.receipts,
        "standard": done.standard,
        "quarantine": done.quarantine,
        "marts": [{"mart": each.mart, "status": each.status} for each in done.marts],
        "unread": [problem.code for problem in done.unread],
        "searched": done.searched.files,
        "found": done.searched.found,
        "unopened": done.searched.unopened,
        "backups": done.backups,
    }


def _print(done: ForgottenPerson) -> None:
    counts = {"receipts": done.receipts, "standard": done.standard, "quarantine": done.quarantine}
    print_text(translate_key("forget.removed", **{name: f"{count:,}" for name, count in counts.items()}))
    for each in done.marts:
        key = "forget.mart" if each.status == "published" else "forget.mart_left"
        print_text(translate_key(key, mart=each.mart, status=each.status))
    for problem in done.unread:
        print_text(render_issue(problem.code, problem.values, current_language()))
    for backup in done.backups:
        print_text(translate_key("forget.backup", backup=backup))
    searched = f"{done.searched.files:,}"
    if not done.searched.found:
        print_text(translate_key("forget.searched", files=searched))
    else:
        _print_paths(
            translate_key("forget.found", files=searched, count=f"{len(done.searched.found):,}"), done.searched.found
        )
    if done.searched.unopened:
        _print_paths(translate_key("forget.unopened", count=f"{len(done.searched.unopened):,}"), done.searched.unopened)


def _print_paths(title: str, paths: list[str]) -> None:
    for line in (title, *(f"  {path}" for path in paths)):
        print_text(line)
