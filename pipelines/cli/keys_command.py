"""``citylake keys``: makes keys, tells which rows are of another key, and seals files for today's."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.pipelines.lake.secret_keys import KEY_BYTES, key_variable
from citylake.schemas.words.message_catalogue import render_issue, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.schemas.words.errors import Problem

app = typer.Typer(help="Make the lake's secret keys, and check that its rows are of the key in force.")


@app.command("new")
def cli_new_key(
    name: Annotated[str, typer.Argument(help="Name of the key: tokens or seal.")],
) -> int:
    """Print a new random key as an assignment, for the secrets backend. Nothing is stored.

    The key seal is an age identity; every other key is 32 random bytes.
    """
    from citylake.pipelines.lake.seal_keys import PREVIOUS_KEY, SEAL_KEY, new_identity

    if name == SEAL_KEY:
        identity = new_identity()
        print_text(f"{key_variable(SEAL_KEY)}={identity}")
        values = {"recipient": identity.to_public(), "previous": key_variable(PREVIOUS_KEY)}
        print_text(translate_key("seal.new_key", **values), error=True)
        return 0
    text = urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")
    print_text(f"{key_variable(name)}={text}")
    return 0


@app.command("check")
def cli_check_keys(context: typer.Context, as_json: JsonOption = False) -> int:
    """Tell which key makes the tokens, which datasets hold others, and who was forgotten under another key.

    Exit code 0: every row is right; 1: some are not, or the key is not set.
    """
    from citylake.pipelines.lake.forgotten_tokens import count_under_other_keys
    from citylake.pipelines.lake.token_key import load_token_key
    from citylake.schemas.read.column_protection import has_tokens

    shared: SharedOptions = context.obj
    work = shared.context()
    needed = sorted(name for name, each in work.registry.contracts.items() if has_tokens(each, work.registry))
    key = load_token_key(work.registry).id if needed else None
    stale = _stale_datasets(work)
    forgotten = count_under_other_keys(work.ledger, key) if key else 0
    if as_json:
        told = [{"dataset": each.values["dataset"], "changes": each.values["changes"]} for each in stale]
        print_json({"token_key": key, "datasets": needed, "stale": told, "forgotten_under_other_keys": forgotten})
    else:
        print_text(translate_key("keys.in_force", name=key or "—", datasets=", ".join(needed) or "—"))
        for problem in stale:
            print_text(render_issue(problem.code, problem.values))
        if forgotten:
            print_text(translate_key("keys.forgotten", count=forgotten))
    return 1 if stale else 0


@app.command("reseal")
def cli_reseal(
    context: typer.Context,
    why: Annotated[str, typer.Option(help="Why, such as the rotation of a key; recorded with who does it.")] = "",
    as_json: JsonOption = False,
) -> int:
    """Seal the plain landed and raw files of sealed datasets, and seal anew for today's key what an earlier one sealed.

    It may be interrupted and run again at any time. Run it while nothing else writes.
    """
    from citylake.pipelines.lake.access_record import Asked
    from citylake.pipelines.upkeep.privacy.reseal_lake import reseal_lake

    shared: SharedOptions = context.obj
    found = reseal_lake(replace(shared.context(writing=True), asked=Asked(why=why)))
    if as_json:
        names = ("dataset", "sealed", "resealed", "same")
        print_json({"datasets": [{name: getattr(each, name) for name in names} for each in found]})
        return 0
    for each in found:
        counts = {"sealed": f"{each.sealed:,}", "resealed": f"{each.resealed:,}", "same": f"{each.same:,}"}
        print_text(translate_key("seal.resealed", dataset=each.dataset, **counts))
    if not found:
        print_text(translate_key("seal.nothing"))
    return 0


def _stale_datasets(work: RunContext) -> list[Problem]:
    from citylake.pipelines.flow.stale_protection import stale_protection

    found = (stale_protection(work, contract) for _, contract in sorted(work.registry.contracts.items()))
    return [problem for problem in found if problem]
