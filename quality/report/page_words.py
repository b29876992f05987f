"""Texts as HTML in the languages of a page. If a page contains both, the style sheet shows the selected one.

Functions instead of template macros, because they are faster: a page of 200 datasets has about 2,000 texts. Each
function reads ``languages``, the languages of the page, from the template context.
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

_STATUSES = (
    "committed", "published", "rolled_back", "received", "held", "rejected", "failed", "unchanged", "waiting",
    "incomplete",
)  # fmt: skip
_SPAN = Markup('<span lang="{}">{}</span>')
_BADGE = Markup('<span class="badge {}">{}</span>')


@pass_context
def bilingual_html(context: Context, text: Any) -> Markup:
    """Return a bilingual text (language → text) as HTML; a plain text is escaped."""
    return _spans(context["languages"], text) if isinstance(text, Mapping) else escape(text)


@pass_context
def word_html(context: Context, key: str, **values: Any) -> Markup:
    """Return the message ``report.<key>`` as HTML."""
    languages = tuple(context["languages"])
    if not values:
        return _word_spans(key, languages)
    return _spans(languages, {each: translate_key(f"report.{key}", each, **values) for each in languages})


@pass_context
def badge_html(context: Context, group: str, value: Any, known: Collection[str]) -> Markup:
    """Return a badge with the message ``report.<group>.<value>``. A value not in ``known`` is shown unchanged."""
    if value not in known:
        return _BADGE.format("other", value)
    return _BADGE.format(value, _word_spans(f"{group}.{value}", tuple(context["languages"])))


@pass_context
def status_html(context: Context, value: Any) -> Markup:
    """Return the badge of a status of a batch, a mart or a receipt."""
    return badge_html(context, "status", value, _STATUSES)


@cache
def _word_spans(key: str, languages: tuple[str, ...]) -> Markup:
    return _spans(languages, {each: translate_key(f"report.{key}", each) for each in languages})


def _spans(languages: Collection[str], text: Mapping[str, Any]) -> Markup:
    return Markup("").join(_SPAN.format(each, text.get(each, "")) for each in languages)
