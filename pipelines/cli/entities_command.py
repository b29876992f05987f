"""``citylake entities``: links records of several datasets that are one enterprise, facility or place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.entity_lines import link_document, print_links, print_pairs
from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.pipelines.entities.link_entities import LinkOutcome

app = typer.Typer(help="Link the records of one enterprise, facility or place.", rich_markup_mode=None)
WhyOption = Annotated[str, typer.Option("--why", help="The reason, for the ledger.")]
UserOption = Annotated[
    str | None, typer.Option("--user", help="Who decides (default: CITYLAKE_USER, else the system's user).")
]


@app.callback()
def entities_group() -> None:
    """Link the records of one enterprise, facility or place."""


@app.command("link")
def cli_link_entities(
    context: typer.Context,
    entity: Annotated[list[str] | None, typer.Argument(help="Entities (default: all).")] = None,
    again: Annotated[bool, typer.Option("--again", help="Link anew, also if nothing has changed.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Link the records of the declared entities, and report what was linked and what waits for a person."""
    from citylake.pipelines.entities.link_entities import link_entities

    shared: SharedOptions = context.obj
    work = shared.context(writing=True)
    done = {each.entity: each for each in link_entities(work, entity or (), again=again)}
    work.ledger.flush()
    _print_entities(work, list(done), done, as_json=as_json)
    return 0


@app.command("list")
def cli_list_entities(context: typer.Context, as_json: JsonOption = False) -> int:
    """List the declared entities with their totals, as they were linked last."""
    shared: SharedOptions = context.obj
    work = shared.context()
    _print_entities(work, sorted(work.registry.entities), {}, as_json=as_json)
    return 0


@app.command("show")
def cli_show_entity(
    context: typer.Context,
    entity_id: Annotated[str, typer.Argument(help="Id of one entity, as in marts.", metavar="ENTITY_ID")],
    as_json: JsonOption = False,
) -> int:
    """Show the records of one entity: how, why and by whom each was linked."""
    from citylake.pipelines.entities.read_links import show_entity

    shared: SharedOptions = context.obj
    work = shared.context()
    found = show_entity(work, entity_id)
    if as_json:
        print_json({"entity_id": entity_id, "links": [link_document(row) for row in found]})
        return 0
    print_links(work, found)
    return 0


@app.command("review")
def cli_review_links(
    context: typer.Context,
    entity: Annotated[list[str] | None, typer.Argument(help="Entities (default: all).")] = None,
    accept: Annotated[str | None, typer.Option(help="Id of a pending pair that is one entity.", metavar="LINK")] = None,
    reject: Annotated[
        str | None, typer.Option(help="Id of a pending pair that is not one entity.", metavar="LINK")
    ] = None,
    why: WhyOption = "",
    user: UserOption = None,
    limit: Annotated[int, typer.Option(min=1, help="The most pairs to list of one entity.")] = 50,
    as_json: JsonOption = False,
) -> int:
    """List the pairs that wait for a person, or decide one of them with --accept or --reject.

    A rejected pair never joins again, also not through other records.
    """
    shared: SharedOptions = context.obj
    if accept or reject:
        return _decide(shared, accept or reject or "", why, user, accept=bool(accept), as_json=as_json)
    from citylake.pipelines.entities.link_entities import find_entity
    from citylake.pipelines.entities.read_links import pending_pairs

    work = shared.context()
    chosen = [find_entity(work, name).entity for name in entity or sorted(work.registry.entities)]
    found = {name: pending_pairs(work, name, limit) for name in chosen}
    if as_json:
        print_json({"pending": [{"entity": name, **link_document(row)} for name in chosen for row in found[name]]})
        return 0
    for name in chosen:
        if found[name]:
            print_pairs(work, name, found[name])
        else:
            print_text(translate_key("entities.nothing_pending", entity=name))
    return 0


@app.command("undo")
def cli_undo_link(
    context: typer.Context,
    link: Annotated[str, typer.Argument(help="Id of a link, or of an earlier decision.", metavar="LINK")],
    why: WhyOption = "",
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Part a record from its entity, or withdraw an earlier decision; both are recorded, and nothing is deleted."""
    return _decide(context.obj, link, why, user, accept=None, as_json=as_json)


def _decide(shared: SharedOptions, link: str, why: str, user: str | None, *, accept: bool | None, as_json: bool) -> int:
    """Record a decision by a person who may make it, and link again. ``accept``: None to undo."""
    from citylake.pipelines.acts.person import current_person
    from citylake.pipelines.acts.rights import require_right
    from citylake.pipelines.entities.decide_links import LinkDecision, decide_link, departments_of
    from citylake.pipelines.entities.link_entities import link_entities
    from citylake.pipelines.entities.read_links import find_link

    if not why.strip():
        raise CitylakeError("WHY_MISSING")
    work, person = shared.context(writing=True), current_person(user)
    found = find_link(work, link)
    for department in departments_of(work, found):
        require_right(work.registry, person, "correct", department)
    act = decide_link(work, found, LinkDecision(person.user, person.via, why.strip()), accept=accept)
    link_entities(work, [found.entity])
    work.ledger.flush()
    if as_json:
        print_json({"act": act, "entity": found.entity})
    else:
        print_text(translate_key("entities.decided", act=act))
    return 0


def _print_entities(work: RunContext, names: list[str], done: dict[str, LinkOutcome], *, as_json: bool) -> None:
    from citylake.pipelines.entities.read_links import summarize_links, unbound_columns

    found = [summarize_links(work, name) for name in names]
    if as_json:
        outcomes = {name: {"unchanged": each.unchanged, "version": each.version} for name, each in done.items()}
        print_json({"entities": [{**each, **outcomes.get(each["entity"], {})} for each in found]})
        return
    if not names:
        print_text(translate_key("entities.none_declared"))
    for totals in found:
        entity = work.registry.entities[totals["entity"]]
        print_text(translate_key("entities.linked", name=entity.name.say(current_language()), **_grouped(totals)))
        outcome = done.get(entity.entity)
        if outcome and outcome.unchanged:
            print_text(translate_key("entities.unchanged"))
        for dataset, counts in outcome.counts.items() if outcome else ():
            if counts.without_key or counts.without_parts:
                left: dict[str, Any] = {"without_key": counts.without_key, "without_parts": counts.without_parts}
                print_text(translate_key("entities.left_out", dataset=dataset, **left))
        for dataset, column, element in unbound_columns(work.registry, entity):
            print_text(translate_key("entities.not_bound", dataset=dataset, column=column, element=element))
        if totals["pending"]:
            print_text(translate_key("entities.next_review", entity=entity.entity))


def _grouped(totals: dict[str, Any]) -> dict[str, Any]:
    return {key: f"{value:,}" if isinstance(value, int) else value for key, value in totals.items()}
