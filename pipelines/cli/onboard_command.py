"""``citylake onboard``: from a source that nobody knows to a contract whose fields are bound with evidence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.import_command import import_description
from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.onboard.draft_plan import DraftPlan
    from citylake.pipelines.onboard.draft_target import DraftTarget, FoundTargets
    from citylake.pipelines.onboard.onboard_source import Verdicts
    from citylake.schemas.read.registry import Registry

_NOTHING = 2


def cli_onboard(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Argument(help="File, folder, zip or workbook; URL of a file, a service, a dataset's page or a database."),
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Id of the dataset: draft a contract for it from the first rows, as YAML.")
    ] = None,
    connection: Annotated[str | None, typer.Option(help="Name of the connection that holds the credentials.")] = None,
    table: Annotated[str | None, typer.Option(help="Table of a database, as schema.table; otherwise all.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook; otherwise all with a table.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the contract into the workspace.")] = False,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=ELEMENT", help="Bind a field to an element; repeatable.")
    ] = None,
    refuse: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=ELEMENT", help="Never propose this element for the field again; repeatable."),
    ] = None,
    review: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page with every proposal and its evidence."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Recognise a source, and draft contracts for its tables.

    Prints the `source` section of a contract, or a whole contract with `--dataset`. Only fields that are sure or that
    were accepted are bound; the others are listed with what they may be. A contract of ODCS and a datapackage.json are
    read as `citylake import` reads them. Exit code 2 if the kind was not recognised.
    """
    from citylake.pipelines.exchange.read_description import recognise_description
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.onboard.find_targets import find_targets

    if source and recognise_description(Path(source)):
        return import_description(context.obj, Path(source), dataset, write=write, as_json=as_json)
    quiet_retries()
    _check_dataset_name(dataset)
    if dataset is None and (write or accept or refuse or review):
        raise CitylakeError("ONBOARD_NEEDS_DATASET")
    # Before any request: a draft needs the elements of a workspace.
    registry = _load_elements(context.obj) if dataset else None
    zone = registry.workspace.settings.timezone if registry else None
    found = find_targets(source, connection, table, sheet, zone)
    _report_left_out(found)
    shown = source or connection or ""
    if registry is None or dataset is None or not any(each.source for each in found.targets):
        return _print_sources(shown, found, as_json=as_json)
    from citylake.pipelines.onboard.draft_target import name_datasets
    from citylake.pipelines.onboard.onboard_source import parse_verdicts, sample_targets
    from citylake.pipelines.pull.redact import redact_url

    verdicts = parse_verdicts(accept or (), refuse or (), registry)
    targets = sample_targets(name_datasets(found.targets, dataset), dict(os.environ), zone)
    plans = _plan_all(targets, verdicts, registry, _find_lake(context.obj))
    if not as_json and sys.stdin.isatty() and sys.stderr.isatty():
        plans = _ask_person(plans, targets, registry, _find_lake(context.obj))
    if review:
        words = {"--connection": connection, "--sheet": sheet}
        given = [word for name, value in words.items() if value for word in (name, value)]
        _write_review(
            plans, registry, ["citylake", "onboard", *([redact_url(source)] if source else []), *given], review
        )
    written = _write_all(plans, registry) if write else []
    if as_json:
        _print_json(shown, targets, plans, written)
    elif not write:
        _print_drafts(plans)
    return 0


def _plan_all(
    targets: Sequence[DraftTarget], verdicts: Verdicts, registry: Registry, lake: Lake | None
) -> list[DraftPlan]:
    from citylake.pipelines.onboard.onboard_source import check_fields, decide, plan_target

    check_fields(verdicts, targets)
    root = registry.workspace.root
    return [plan_target(each, registry, decide(each, verdicts, root), lake) for each in targets]


def _ask_person(
    plans: Sequence[DraftPlan], targets: Sequence[DraftTarget], registry: Registry, lake: Lake | None
) -> list[DraftPlan]:
    """The plans after a person has decided about their open fields."""
    from citylake.pipelines.cli.onboard_prompts import ask_verdicts
    from citylake.pipelines.onboard.onboard_source import decide, plan_target

    decided = []
    for plan, target in zip(plans, targets, strict=True):
        verdicts = ask_verdicts(plan, registry)
        made = decide(target, verdicts, registry.workspace.root)
        decided.append(plan_target(target, registry, made, lake) if verdicts else plan)
    return decided


def _write_review(plans: Sequence[DraftPlan], registry: Registry, command: Sequence[str], file: Path) -> None:
    from citylake.pipelines.onboard.review_page import render_review

    try:
        file.write_text(render_review(plans, registry, command), encoding="utf-8")
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=str(file), why=error.strerror or str(error)) from error
    print_text(translate_key("onboard.reviewed", file=file), error=True)


def _write_all(plans: Sequence[DraftPlan], registry: Registry) -> list[str]:
    from citylake.pipelines.onboard.onboard_source import write_contract

    files = []
    for plan in plans:
        file, added = write_contract(plan, registry)
        files.append(str(file))
        key = "onboard.written" if added is None else "onboard.added" if added else "onboard.unchanged"
        print_text(translate_key(key, file=file, fields=", ".join(added or ())), error=True)
        for line in _remaining_steps(plan) if added is None else ():
            print_text(line, error=True)
    return files


def _print_drafts(plans: Sequence[DraftPlan]) -> None:
    from citylake.pipelines.onboard.draft_contract import render_draft

    # Standard output holds the YAML only, so that it can be redirected to a file; hints go to standard error.
    drafted = "---\n".join(map(render_draft, plans))
    print_text(drafted, end="") if sys.stdout.isatty() else sys.stdout.write(drafted)
    for line in dict.fromkeys(line for plan in plans for line in _remaining_steps(plan)):
        print_text(line, error=True)
    print_text(translate_key("onboard.next"), error=True)


def _remaining_steps(plan: DraftPlan) -> Iterator[str]:
    """Yield what the user has to do next."""
    if not plan.bound:
        yield translate_key("onboard.nothing_bound" if plan.unbound else "onboard.no_columns")
    waiting = [each for each in plan.choices if each.element is None and each.proposals]
    if waiting:
        first = waiting[0]
        pair = f"{first.field}={first.proposals[0].element}"
        yield translate_key("onboard.waiting", dataset=plan.dataset, count=len(waiting), pair=pair)
    if plan.sample.ascii_only:
        yield translate_key("onboard.draft_ascii")


def _print_json(shown: str, targets: Sequence[DraftTarget], plans: Sequence[DraftPlan], written: list[str]) -> None:
    from citylake.pipelines.onboard.onboard_source import describe_plan
    from citylake.pipelines.pull.redact import redact_url

    drafts = [describe_plan(plan) for plan in plans]
    first = {"kind": targets[0].kind, "why": targets[0].why, "source": dict(targets[0].source)}
    document = {"url": redact_url(shown), **first, "contract": drafts[0]["contract"], "drafts": drafts}
    print_json({**document, "written": written})


def _report_left_out(found: FoundTargets) -> None:
    left_out = sum(each.left_out for each in found.targets)
    if left_out:
        print_text(translate_key("onboard.left_out", count=left_out), error=True)
    for each in found.skipped:
        print_text(translate_key("onboard.skipped", what=each), error=True)


def _print_sources(shown: str, found: FoundTargets, *, as_json: bool) -> int:
    import yaml

    from citylake.pipelines.pull.redact import redact_url

    readable = [each for each in found.targets if each.source]
    if as_json:
        first = found.targets[0] if found.targets else None
        kind = {"kind": first.kind, "why": first.why, "source": dict(first.source)} if first else {}
        tables = [{"name": each.name, "source": dict(each.source)} for each in readable]
        print_json({"url": redact_url(shown), **kind, "contract": None, "tables": tables})
        return 0 if readable else _NOTHING
    out = make_console()
    for each in found.targets:
        what = translate_key(f"onboard.{each.why}") + (f" ({each.name})" if len(found.targets) > 1 else "")
        out.print(translate_key("onboard.title", url=redact_url(shown), kind=what), soft_wrap=True)
        if each.source:
            text = yaml.safe_dump({"source": dict(each.source)}, allow_unicode=True, sort_keys=False)
            out.print(text, soft_wrap=True)
    if readable:
        out.print(translate_key("onboard.how"))
    return 0 if readable else _NOTHING


def _check_dataset_name(dataset: str | None) -> None:
    """Raise NAME_UNGRAMMATICAL if the name is not a valid dataset id."""
    from pydantic import TypeAdapter, ValidationError

    from citylake.schemas.base.declaration import Identifier
    from citylake.schemas.lint.lint_reading import suggest_identifier

    try:
        TypeAdapter(Identifier).validate_python(dataset or "none")
    except ValidationError:
        near = suggest_identifier(str(dataset)) or "subject.dataset"
        raise CitylakeError("NAME_UNGRAMMATICAL", name=dataset, suggestion=near) from None


def _find_lake(shared: SharedOptions) -> Lake | None:
    """The lake, if there is one: a draft needs none."""
    try:
        return shared.lake()
    except CitylakeError:
        return None


def _load_elements(shared: SharedOptions) -> Registry:
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.registry import load_registry

    # Faulty declarations are no obstacle: the shell has created the contract that this draft goes to, still empty.
    return load_registry(find_workspace(shared.workspace))
