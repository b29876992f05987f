"""What a steward has to do with an exported workbook, as its first sheet says it."""

from __future__ import annotations

from pathlib import Path

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.steward_columns import NO_VALUE
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.pipelines.read.masked_fields import MASK
from citylake.schemas.words.message_catalogue import translate_key

_STEPS = ("guide_fill", "guide_choose", "guide_none", "guide_masked", "guide_locked", "guide_return")


def guide_lines(work: ActWork, department: str, path: Path) -> list[str]:
    """Return the lines of the guide, in Chinese and then in English; the first one is the title."""
    values = {
        "department": department,
        "day": ledger_now().date(),
        "user": work.person.user,
        "mask": MASK,
        "file": path.name,
    }
    found = []
    for language, empty in zip(("zh", "en"), NO_VALUE, strict=True):
        keys = ("guide_title", *_STEPS)
        found += [translate_key(f"acts.{key}", language, **values, empty=empty) for key in keys]
        found.append("")
    return found
