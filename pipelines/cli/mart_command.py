"""``citylake mart publish``: publishes one mart, also if a person accepts what its expectations hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from citylake.pipelines.cli.mart_diff_command import cli_mart_diff
from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json

app = typer.Typer(
    help="Marts: publish, test and compare them, list their versions, and go back to one.", rich_markup_mode=None
)
_EXIT_CODES = {"held": 2, "failed": 3}


@app.callback()
def mart_group() -> None:
    """Marts: publish, test and compare them, list their versions, and go back to one."""


@app.command("publish")
def cli_publish(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="The mart.")],
    accept: Annotated[bool, typer.Option("--accept", help="Publish although an expectation is broken.")] = False,
    why: Annotated[str, typer.Option("--why", help="Why the version is right; recorded in the ledger.")] = "",
    user: Annotated[str | None, typer.Option("--user", help="Who decides (default: CITYLAKE_USER, else you).")] = None,
    as_json: JsonOption = False,
) -> int:
    """Build one mart and publish it, also if the same content was rolled back.

    With --accept and --why, expectations that the new version breaks do not hold it; the decision is recorded in the
    ledger table acts. Exit code 2 if the version is held, 3 if the build failed.
    """
    from citylake.pipelines.acts.accept_mart import accept_mart
    from citylake.pipelines.acts.person import current_person
    from citylake.pipelines.flow.linked_marts import publish_linked_marts
    from citylake.pipelines.flow.run_document import build_run_document
    from citylake.schemas.words.errors import CitylakeError

    shared: SharedOptions = context.obj
    work = shared.context(writing=True)
    if mart not in work.registry.marts:
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=", ".join(sorted(work.registry.marts)) or "—")
    if accept:
        done = accept_mart(work, mart, current_person(user), why)
    else:
        (done,) = [each for each in publish_linked_marts(work, [mart], again=True) if each.mart == mart]
        work.ledger.flush()
    code = _EXIT_CODES.get(done.status, 0)
    document = build_run_document(work, (), [done], code, datetime.now(UTC))
    if as_json:
        print_json(document)
    else:
        from citylake.pipelines.cli.result_tables import print_run

        print_run({**document, "report": None})
    return code


app.command("diff")(cli_mart_diff)
