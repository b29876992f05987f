"""A system that the white paper describes, and what shows it here: ``systems/*.yaml`` of the workspace."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from citylake.schemas.base.declaration import ColumnName, Declaration, Identifier, LocalizedText
from citylake.schemas.base.yaml_reader import read_yaml

WHITEPAPER_WORKSPACE = Path(__file__).resolve().parents[3] / "workspaces" / "whitepaper"


class PaperSystem(Declaration):
    """One system, in the file of its name.

    ``row``: its row in the table of systems, from 1. ``paper``: what the paper describes. ``datasets``: what
    is collected for it, in ``mart``, whose ``question`` gives its figure. ``shown``: what runs here. ``needed``: what a
    real city would have to add.
    """

    system: ColumnName
    row: int = Field(ge=1)
    paper: LocalizedText
    packs: tuple[ColumnName, ...] = Field(min_length=1)
    datasets: tuple[Identifier, ...] = Field(min_length=1)
    mart: ColumnName
    question: ColumnName
    shown: LocalizedText
    needed: LocalizedText


def paper_systems(workspace: Path = WHITEPAPER_WORKSPACE) -> list[PaperSystem]:
    """Every system, in order of the paper's rows and then of the names."""
    files = sorted((workspace / "systems").glob("*.yaml"))
    found = [PaperSystem.model_validate(read_yaml(file)) for file in files]
    return sorted(found, key=lambda each: (each.row, each.system))
