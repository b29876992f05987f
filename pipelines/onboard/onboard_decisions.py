"""What people decided about fields and elements: a readable file of the workspace, by dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import RootModel, ValidationError

from citylake.schemas.base.declaration import Declaration, Identifier
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.read.workspace_writer import write_workspace_file
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

FieldElement = tuple[str, str]
"""A source field and the id of an element."""


class _DatasetDecisions(Declaration):
    accepted: dict[str, Identifier] = {}
    refused: dict[str, tuple[Identifier, ...]] = {}


class _DecisionsFile(RootModel[dict[str, _DatasetDecisions]]):
    """``onboard/decisions.yaml``: dataset id → what was decided about its fields."""


@dataclass(frozen=True, slots=True)
class OnboardDecisions:
    """``accepted``: field → element; ``refused``: pairs that are not proposed again."""

    accepted: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[FieldElement] = frozenset()

    def accept(self, pairs: Iterable[FieldElement]) -> OnboardDecisions:
        """These decisions with ``pairs`` accepted; an earlier refusal of one is taken back."""
        new = dict(pairs)
        return replace(self, accepted={**self.accepted, **new}, refused=self.refused - set(new.items()))

    def refuse(self, pairs: Iterable[FieldElement]) -> OnboardDecisions:
        """These decisions with ``pairs`` refused; an earlier acceptance of one is taken back."""
        new = frozenset(pairs)
        kept = {name: element for name, element in self.accepted.items() if (name, element) not in new}
        return replace(self, accepted=kept, refused=self.refused | new)


def decisions_file(root: Path) -> Path:
    """Where the decisions of the workspace at ``root`` are."""
    return root / "onboard" / "decisions.yaml"


def load_decisions(root: Path, dataset: str) -> OnboardDecisions:
    """What was decided about ``dataset``; raises ONBOARD_DECISIONS_UNREADABLE."""
    kept = _read_all(decisions_file(root)).get(dataset, _DatasetDecisions())
    refused = frozenset((name, element) for name, elements in kept.refused.items() for element in elements)
    return OnboardDecisions(kept.accepted, refused)


def save_decisions(root: Path, dataset: str, decisions: OnboardDecisions) -> None:
    """Write what was decided about ``dataset`` beside that of the others, sorted, so that a diff shows the change.

    Raises ONBOARD_DECISIONS_UNREADABLE and WORKSPACE_NOT_WRITABLE.
    """
    file = decisions_file(root)
    refused: dict[str, list[str]] = {}
    for name, element in sorted(decisions.refused):
        refused.setdefault(name, []).append(element)
    own = {"accepted": dict(sorted(decisions.accepted.items())), "refused": refused}
    document: dict[str, Any] = {name: kept.model_dump(mode="json") for name, kept in _read_all(file).items()}
    document[dataset] = own
    shown = {name: {key: value for key, value in each.items() if value} for name, each in sorted(document.items())}
    text = yaml.safe_dump({name: each for name, each in shown.items() if each}, allow_unicode=True, sort_keys=False)
    write_workspace_file(file, f"# {translate_key('onboard.decisions_head')}\n{text}")


def _read_all(file: Path) -> dict[str, _DatasetDecisions]:
    if not file.exists():
        return {}
    try:
        return _DecisionsFile.model_validate(read_yaml(file) or {}).root
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise CitylakeError("ONBOARD_DECISIONS_UNREADABLE", file=file, why=str(error).splitlines()[0]) from error
