"""Contracts out of a description in another format: the whole one, or drafts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.contract_draft import render_contract_draft
from citylake.pipelines.exchange.frictionless_draft import draft_package
from citylake.pipelines.exchange.odcs.read_contract import draft_contracts, exported_contract, read_official
from citylake.pipelines.exchange.read_description import Form, description_form, read_description
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class ImportedContract:
    """A contract as YAML. ``whole``: it is the one that citylake exported, and no draft."""

    dataset: str
    text: str
    form: Form
    whole: bool = False


def import_contracts(file: Path, registry: Registry, dataset: str | None = None) -> list[ImportedContract]:
    """The contracts of the tables that ``file`` describes; ``dataset``: the id of a single one.

    Raises IMPORT_UNREADABLE, IMPORT_NEEDS_DATASET and EXCHANGE_LIBRARY_MISSING.
    """
    document = read_description(file)
    form = description_form(document)
    if form is None:
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why="neither kind: DataContract nor resources")
    if form == "frictionless":
        drafts = draft_package(document, file, registry, dataset)
    else:
        official = read_official(document, file)
        if whole := exported_contract(official, file):
            named = whole.model_copy(update={"dataset": dataset}) if dataset else whole
            return [ImportedContract(named.dataset, contract_text(named), form, whole=True)]
        drafts = draft_contracts(official, registry, dataset)
        if not drafts:
            raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why="no schema")
    return [ImportedContract(each.dataset, render_contract_draft(each, registry), form) for each in drafts]


def contract_text(contract: Contract) -> str:
    """The contract as YAML."""
    return yaml.safe_dump(authored_document(contract), allow_unicode=True, sort_keys=False, width=120)
