"""``citylake probe``: what kind of source an address looks like, and a first contract for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from pipelines.cli.shared import Json, Shared, console, print_json, quiet_retries
from schemas.catalogue import word
from schemas.faults import CitylakeError

_NOTHING = 2


def probe(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The address of a file, a service or a dataset's page.")],
    contract: Annotated[
        str | None, typer.Option(help="Draft a contract for this dataset from the first rows, as YAML.")
    ] = None,
    connection: Annotated[str | None, typer.Option(help="The connection that holds the credentials.")] = None,
    as_json: Json = False,
) -> int:
    """Say what kind of source an address looks like."""
    from pipelines.probe.step import probe as look

    quiet_retries()
    _well_named(contract)
    guess = look(url, connection)
    drafted = _draft(context.obj, contract, guess.source) if contract and guess.source else None
    if as_json:
        print_json({"url": url, "kind": guess.kind, "why": guess.why, "source": guess.source, "contract": drafted})
    elif drafted:
        # What can be written to a file is all of standard output; the rest is for the person.
        print(drafted, end="")
        for line in _left(drafted):
            print(line, file=sys.stderr)
    else:
        _print(url, guess.why, guess.source)
    return 0 if guess.source else _NOTHING


def _well_named(dataset: str | None) -> None:
    """Raises NAME_UNGRAMMATICAL."""
    from pydantic import TypeAdapter, ValidationError

    from schemas.declaration import Identifier
    from schemas.lint.reading import grammatical

    try:
        TypeAdapter(Identifier).validate_python(dataset or "none")
    except ValidationError:
        near = grammatical(str(dataset)) or "subject.dataset"
        raise CitylakeError("NAME_UNGRAMMATICAL", name=dataset, suggestion=near) from None


def _left(drafted: str) -> Iterator[str]:
    """What the person has to do."""
    import yaml

    told = yaml.safe_load(drafted)
    if not told["fields"]:
        yield word("probe.nothing_bound" if told.get("ignore") else "probe.no_columns")
    yield word("probe.next")


def _draft(shared: Shared, dataset: str, source: dict[str, Any]) -> str:
    from pipelines.probe.draft import draft
    from pipelines.probe.sample import sample

    return draft(dataset, source, sample(source, dict(os.environ)), shared.registry())


def _print(url: str, why: str, source: dict[str, Any]) -> None:
    import yaml

    from pipelines.pull.redact import shown_url

    out = console()
    out.print(word("probe.title", url=shown_url(url), kind=word(f"probe.{why}")), markup=False, soft_wrap=True)
    if source:
        out.print(yaml.safe_dump({"source": source}, allow_unicode=True, sort_keys=False), markup=False, soft_wrap=True)
        out.print(word("probe.how"), markup=False)
