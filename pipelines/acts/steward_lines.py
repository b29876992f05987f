"""The lines of a dataset as a steward reads them: texts in both languages, masked where they must be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from citylake.pipelines.acts.fault_lines import FaultLines
from citylake.pipelines.read.masked_fields import MASK, MaskedFields
from citylake.pipelines.read.quarantine_rows import reason_sentence
from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class StewardLine:
    """One fault of one row."""

    dataset: str
    row_id: str
    file: str
    row: int
    state: str
    due: date | None
    field: str | None
    """The source's field at fault; None if the reason is about no single field."""
    value: str | None
    """What stands there now: the source's value, or the correction of it; masked: how often it was corrected."""
    reason: Mapping[str, str]
    """By language."""
    source: Mapping[str, str | None]
    """The row as the source sent it, by field."""


def steward_lines(found: FaultLines, masked: MaskedFields) -> Iterator[StewardLine]:
    """Yield the lines of a dataset in order."""
    for line in found.lines():
        raw = json.loads(line["raw"])
        reasons = [masked.mask_reason(reason, raw) for reason in line["reasons"]]
        yield StewardLine(
            dataset=found.contract.dataset,
            row_id=line["row_id"],
            file=line["_source"],
            row=line["_row"],
            state=line["state"],
            due=line["due_on"],
            field=line["field"],
            value=_value_now(line, masked),
            reason={language: _say(found.contract, reasons, line, language) for language in ("zh", "en")},
            source={name: MASK if masked.hides(name) and value else value for name, value in raw.items()},
        )


def _value_now(line: Mapping[str, Any], masked: MaskedFields) -> str | None:
    times, field = line["times"], line["field"]
    if field and masked.hides(field):
        return masked_value(times)
    value: str | None = line["new"] if times else line["found"]
    return value


def masked_value(times: int | None) -> str:
    """Return what stands for a masked value; the number tells a value from its corrections."""
    return f"{MASK} {times}" if times else MASK


def _say(contract: Contract, reasons: list[dict[str, Any]], line: Mapping[str, Any], language: str) -> str:
    place = {"file": line["_source"], "row": line["_row"]}
    said = (f"{each['code']}: {reason_sentence(contract, each, place, language)}" for each in reasons)
    return "\n".join(dict.fromkeys(said))
