"""The note of a mart's run: the days that were built, and for whom the others wait, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.dags.dag_notes import NOTE_LANGUAGES
from citylake.dags.day_spans import write_day_spans
from citylake.schemas.words.message_catalogue import translate_key


def mart_run_note(done: Mapping[str, Any]) -> str:
    """Return the note for the result of ``mart_task``."""
    return "\n\n".join(_note(done, language) for language in NOTE_LANGUAGES)


def _note(done: Mapping[str, Any], language: str) -> str:
    if done["status"] == "unchanged":
        lines = [translate_key("dags.note.nothing_left", language)]
    else:
        days = write_day_spans(done["days"]) if done["days"] else translate_key("dags.note.whole", language)
        values = {"version": done["version"], "days": days}
        lines = [translate_key("dags.note.built", language, **values)]
    return "\n".join([*lines, *done["told"][language]])


def delivery_run_note(done: Mapping[str, Any]) -> str:
    """Return the note for the result of ``deliver_task``."""
    words = delivery_words(done)
    return "\n\n".join(translate_key(f"deliveries.{done['status']}", language, **words) for language in NOTE_LANGUAGES)


def delivery_words(done: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the texts on a delivery say of it."""
    return {"delivery": done["delivery"], **(done["record"] or {})}
