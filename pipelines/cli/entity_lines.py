"""Prints links and pending pairs of entities: each with its records as they are, and the evidence in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from citylake.pipelines.context import RunContext


def link_document(row: dict[str, Any]) -> dict[str, Any]:
    """The row for JSON, with its reason as an object."""
    return {**row, "reason": json.loads(row["reason"]) if row["reason"] else None}


def print_links(work: RunContext, rows: Sequence[dict[str, Any]]) -> None:
    """Print the links of one entity."""
    from citylake.pipelines.entities.record_texts import record_texts

    entity = work.registry.entities[rows[0]["entity"]]
    texts = record_texts(work, entity, [(row["dataset"], row["record_key"]) for row in rows])
    for row in rows:
        print_text(f"{row['link_id']}  {row['dataset']}:{row['record_key']}")
        print_text(f"  {texts.get((row['dataset'], row['record_key']), '')}")
        print_text(f"  {_how(row)}")


def print_pairs(work: RunContext, entity: str, rows: Sequence[dict[str, Any]]) -> None:
    """Print pairs that wait for a person."""
    from citylake.pipelines.entities.record_texts import record_texts

    sides = (("dataset", "record_key"), ("other_dataset", "other_key"))
    records = {(row[dataset], row[key]) for row in rows for dataset, key in sides}
    texts = record_texts(work, work.registry.entities[entity], records)
    for row in rows:
        waits = translate_key(f"entities.waits_{row['waits']}")
        print_text(f"{row['link_id']}  {row['score']:.3f}  {waits}")
        for dataset, key in sides:
            print_text(f"  {row[dataset]}:{row[key]}  {texts.get((row[dataset], row[key]), '')}")
        print_text(f"  {_reason(row)}")


def _how(row: dict[str, Any]) -> str:
    parts = [translate_key(f"entities.stage_{row['stage']}")]
    if row["score"] is not None:
        parts += [f"{row['score']:.3f}", f"{_reason(row)} → {row['linked_to']}"]
    if row["valid_from"] or row["valid_to"]:
        parts.append(f"{row['valid_from'] or '…'} – {row['valid_to'] or '…'}")
    if row["reviewer"]:
        parts.append(translate_key("entities.reviewed_by", user=row["reviewer"]))
    return "  ".join(parts)


def _reason(row: dict[str, Any]) -> str:
    found = json.loads(row["reason"])
    code = found.pop("code")
    if code == "similar":
        found = {name: translate_key(f"entities.level_{level}") for name, level in found.items()}
    return translate_key(f"entities.because_{code}", **found)
