"""Words in the languages of a page, as HTML; where it holds both, the style sheet shows the one that the reader chose.

Functions and not templates: a page of two hundred datasets says some two thousand of them. Each reads ``languages``,
those that the page holds, from the template's context.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import pass_context
from markupsafe import Markup, escape

from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from jinja2.runtime import Context

_STATUSES = ("committed", "published", "received", "held", "failed", "unchanged", "waiting", "incomplete")
_SPAN = Markup('<span lang="{}">{}</span>')
_BADGE = Markup('<span class="badge {}">{}</span>')


@pass_context
def bilingual_html(context: Context, text: Any) -> Markup:
    """A text in two languages; one that is only a text as it is."""
    return _spans(context["languages"], text) if isinstance(text, Mapping) else escape(text)


@pass_context
def word_html(context: Context, key: str, **values: Any) -> Markup:
    """The report's words for ``key``."""
    languages = tuple(context["languages"])
    if not values:
        return _word_spans(key, languages)
    return _spans(languages, {each: translate_key(f"report.{key}", each, **values) for each in languages})


@pass_context
def badge_html(context: Context, group: str, value: Any, known: Collection[str]) -> Markup:
    """One of a closed set, with its words; another value is shown as it is."""
    if value not in known:
        return _BADGE.format("other", value)
    return _BADGE.format(value, _word_spans(f"{group}.{value}", tuple(context["languages"])))


@pass_context
def status_html(context: Context, value: Any) -> Markup:
    """What became of a batch, a mart or a fetch."""
    return badge_html(context, "status", value, _STATUSES)


@cache
def _word_spans(key: str, languages: tuple[str, ...]) -> Markup:
    return _spans(languages, {each: translate_key(f"report.{key}", each) for each in languages})


def _spans(languages: Collection[str], text: Mapping[str, Any]) -> Markup:
    return Markup("").join(_SPAN.format(each, text.get(each, "")) for each in languages)
