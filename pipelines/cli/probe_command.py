"""``citylake probe``: detects the kind of a source, and drafts a contract for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.schemas.read.registry import Registry

_NOTHING = 2


def cli_probe(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="URL or path of a file, a service or a dataset's page.")],
    contract: Annotated[
        str | None, typer.Option(help="Id of the dataset: draft a contract for it from the first rows, as YAML.")
    ] = None,
    connection: Annotated[str | None, typer.Option(help="Name of the connection that holds the credentials.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Detect what kind of source a URL is.

    Prints the `source` section of a contract, or a whole contract with `--contract`. Exit code 2 if the kind was not
    recognised.
    """
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.onboard.probe_url import probe_url as look

    quiet_retries()
    _check_dataset_name(contract)
    # Before any request: a draft needs the elements of a workspace.
    registry = _load_elements(context.obj) if contract else None
    guess = look(url, connection)
    if guess.left_out:
        print_text(translate_key("probe.left_out", count=guess.left_out), error=True)
    drafted = _write_draft(registry, contract, guess.source) if registry and contract and guess.source else None
    if as_json:
        print_json({"url": url, "kind": guess.kind, "why": guess.why, "source": guess.source, "contract": drafted})
    elif drafted:
        # Standard output holds the YAML only, so that it can be redirected to a file; hints go to standard error.
        print_text(drafted, end="") if sys.stdout.isatty() else sys.stdout.write(drafted)
        for line in _remaining_steps(drafted):
            print_text(line, error=True)
    else:
        _print_source(url, guess.why, guess.source)
    return 0 if guess.source else _NOTHING


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


def _remaining_steps(drafted: str) -> Iterator[str]:
    """Yield what the user has to do next."""
    import yaml

    contract = yaml.safe_load(drafted)
    if not contract["fields"]:
        yield translate_key("probe.nothing_bound" if contract.get("ignore") else "probe.no_columns")
    yield translate_key("probe.next")


def _load_elements(shared: SharedOptions) -> Registry:
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.registry import load_registry

    # Faulty declarations are no obstacle: the shell has created the contract that this draft goes to, still empty.
    return load_registry(find_workspace(shared.workspace))


def _write_draft(registry: Registry, dataset: str, source: dict[str, Any]) -> str:
    from citylake.pipelines.onboard.draft_contract import draft_contract
    from citylake.pipelines.onboard.source_sample import sample_source

    sample = sample_source(source, dict(os.environ), registry.workspace.settings.timezone)
    return draft_contract(dataset, source, sample, registry)


def _print_source(url: str, why: str, source: dict[str, Any]) -> None:
    import yaml

    from citylake.pipelines.pull.redact import redact_url

    out = make_console()
    out.print(
        translate_key("probe.title", url=redact_url(url), kind=translate_key(f"probe.{why}")),
        soft_wrap=True,
    )
    if source:
        out.print(yaml.safe_dump({"source": source}, allow_unicode=True, sort_keys=False), soft_wrap=True)
        out.print(translate_key("probe.how"))
