"""Says a cause in one sentence, in Chinese or English."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.history.diff.diff_result import Cause
from citylake.schemas.words.message_catalogue import translate_key, translations_of

_OF_MART = ("contract", "element", "settings", "declarations")
"""Kinds of causes that say something else of a mart's own declarations than of a dataset's."""


def cause_text(cause: Cause, language: str | None = None) -> str:
    """The sentence."""
    own = cause.dataset is None and cause.kind in _OF_MART
    values: dict[str, Any] = {"dataset": cause.dataset or "—", "batch": cause.batch or "—", **cause.values}
    values["reason"] = values.get("why") or "—"
    if "act" in values:
        key = f"acts.kind_{values['act']}"
        values["act"] = translate_key(key, language) if translations_of(key) else values["act"]
    return translate_key(f"diff.cause_{'mart_' if own else ''}{cause.kind}", language, **values)


def kind_text(cause: Cause, language: str | None = None) -> str:
    """The kind in a few words."""
    return translate_key(f"diff.kind_{cause.kind}", language)
