"""Words in both languages, as HTML: the style sheet shows the one that the reader chose.

Functions and not templates: a page of two hundred datasets says some two thousand of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from schemas.catalogue import word

_STATUSES = ("committed", "published", "received", "held", "failed", "unchanged", "incomplete")
_BOTH = Markup('<span lang="zh">{}</span><span lang="en">{}</span>')
_BADGE = Markup('<span class="badge {}">{}</span>')


def both(text: Any) -> Markup:
    """A text in two languages; one that is only a text as it is."""
    return _BOTH.format(text.get("zh", ""), text.get("en", "")) if isinstance(text, Mapping) else escape(text)


def say(key: str, **values: Any) -> Markup:
    """The report's words for ``key``."""
    return (
        _BOTH.format(*(word(f"report.{key}", language, **values) for language in ("zh", "en")))
        if values
        else _said(key)
    )


@cache
def _said(key: str) -> Markup:
    return _BOTH.format(word(f"report.{key}", "zh"), word(f"report.{key}", "en"))


def badge(group: str, value: Any, known: Collection[str]) -> Markup:
    """One of a closed set, with its words; another value is shown as it is."""
    return _BADGE.format(value, _said(f"{group}.{value}")) if value in known else _BADGE.format("other", value)


def status(value: Any) -> Markup:
    """What became of a batch, a mart or a fetch."""
    return badge("status", value, _STATUSES)
