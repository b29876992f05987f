"""The lines of a contract that accept a rename: the binding under its new name, with the old one and its last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from citylake.pipelines.conform.bind.former_names import file_day
from citylake.pipelines.records import Receipt
from citylake.quality.drift.rename_proposal import RenameProposal
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class RenameAdvice:
    """``contract`` as it is declared; ``receipts``: those of the batch in which a field has a new name."""

    contract: Contract
    receipts: Sequence[Receipt]
    registry: Registry

    def lines(self, rename: RenameProposal) -> str:
        """The entries of ``fields``, one a line; empty if no binding reads the field alone."""
        # The old name counts up to the first day of the new one: files of that day may still have it.
        days = [file_day(each, self.contract, self.registry.workspace.settings.timezone) for each in self.receipts]
        found = {key: each for key, each in self.contract.fields.items() if _reads(key, each, rename.missing)}
        if not found or not days:
            return ""
        key, binding = next(iter(found.items()))
        if rename.added in [name.was for name in binding.former_names]:
            return _yaml_line(key, {**_written(binding), "names": _longer(binding, key, rename.added, max(days))})
        names = [{"was": rename.missing, "until": min(days)}, *_former(binding)]
        entries = {key: {**_written(binding), "names": [rename.added, *names]}, **_rest(found, key)}
        return "\n".join(_yaml_line(*_renamed(at, words, rename)) for at, words in entries.items())


def _reads(key: str, binding: Binding, field: str) -> bool:
    """Whether the binding reads this one field."""
    return binding.constant is None and not binding.join and (binding.source or key) == field


def _rest(found: dict[str, Binding], first: str) -> dict[str, dict[str, Any]]:
    return {key: _written(binding) for key, binding in found.items() if key != first}


def _renamed(key: str, words: dict[str, Any], rename: RenameProposal) -> tuple[str, dict[str, Any]]:
    return (key, {**words, "from": rename.added}) if "from" in words else (rename.added, words)


def _former(binding: Binding) -> list[dict[str, Any]]:
    return [{"was": name.was, "until": name.until} for name in binding.former_names]


def _longer(binding: Binding, key: str, old: str, day: date) -> list[Any]:
    """The names with a later last day for ``old``; those that were newer keep theirs, if it is later still."""
    former = [{**name, "until": day} if name["was"] == old else name for name in _former(binding)]
    return [binding.source or key, *sorted(former, key=lambda name: name["until"], reverse=True)]


def _written(binding: Binding) -> dict[str, Any]:
    """The binding's own words, as a contract has them."""
    return binding.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _yaml_line(key: str, words: dict[str, Any]) -> str:
    import yaml

    options: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": float("inf")}
    text = str(yaml.safe_dump({key: words}, default_flow_style=True, **options)).strip()
    return text.removeprefix("{").removesuffix("}")
