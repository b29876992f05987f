"""``citylake import``: contracts out of descriptions in other formats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.schemas.read.registry import Registry


def cli_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Contract of ODCS (YAML or JSON), or datapackage.json.")],
    dataset: Annotated[str | None, typer.Option(help="Id of the dataset; otherwise the name in the file.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Write the contract into the workspace.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Make contracts out of a document of the Open Data Contract Standard, or of a Frictionless Data Package.

    What `citylake export odcs` wrote with its bindings gives the whole contract back. Of other documents it is a draft:
    fields are bound only to elements that the document names, the others are listed with what they may be.
    """
    return import_description(context.obj, file, dataset, write=write, as_json=as_json)


def import_description(shared: SharedOptions, file: Path, dataset: str | None, *, write: bool, as_json: bool) -> int:
    """Print the contracts, or write them. Raises as ``import_contracts``, and IMPORT_CONTRACT_EXISTS."""
    from citylake.pipelines.exchange.import_contracts import import_contracts
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.registry import load_registry

    registry = load_registry(find_workspace(shared.workspace))
    found = import_contracts(file, registry, dataset)
    written = [_write(each.dataset, each.text, registry) for each in found] if write else []
    if as_json:
        contracts = [{"dataset": each.dataset, "whole": each.whole, "contract": each.text} for each in found]
        print_json({"form": found[0].form, "contracts": contracts, "written": written})
    elif not write:
        text = "---\n".join(each.text for each in found)
        print_text(text, end="") if sys.stdout.isatty() else sys.stdout.write(text)
    return 0


def _write(dataset: str, text: str, registry: Registry) -> str:
    from citylake.pipelines.onboard.onboard_source import contract_file
    from citylake.schemas.read.workspace_writer import write_workspace_file

    file = contract_file(dataset, registry)
    if file.exists():
        raise CitylakeError("IMPORT_CONTRACT_EXISTS", file=str(file))
    write_workspace_file(file, text)
    print_text(translate_key("exchange.contract_written", file=file), error=True)
    return str(file)
