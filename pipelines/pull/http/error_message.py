"""The error message in the JSON body of an error response; each service has its own layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_KINDS = ("__type", "code", "errorCode", "title")
_MESSAGES = ("message", "detail", "description")
_REST = ("help", "success", "error", "data", "status", "type")


def parse_error_message(body: str) -> str | None:
    """The kind of fault and the message in ``body``; None if it has none.

    CKAN: ``{"error": {"__type", "message"}}``, or the faulty fields as members; Socrata: ``{"code", "message"}``;
    problem details (RFC 9457): ``{"title", "detail"}``; NGSIv2: ``{"error", "description"}``; OpenAQ's validation:
    a document within a JSON text.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, str):
        return document or None
    return find_error_message(document) if isinstance(document, dict) else None


def find_error_message(document: Mapping[str, Any]) -> str | None:
    """The kind of fault and the message in a parsed document."""
    inner = document.get("error")
    told = inner if isinstance(inner, dict) else document
    kind = inner if isinstance(inner, str) else next((str(told[name]) for name in _KINDS if told.get(name)), None)
    message = next((str(told[name]) for name in _MESSAGES if told.get(name)), None)
    fields = _validation_messages(told) if message is None and told is inner else None
    return ": ".join(filter(None, (kind, message or fields))) or None


def _validation_messages(told: Mapping[str, Any]) -> str:
    """CKAN's validation errors: the fields are members, each with a list of messages."""
    faults = {name: value for name, value in told.items() if name not in (*_KINDS, *_REST)}
    texts = {name: value if isinstance(value, list) else [value] for name, value in faults.items()}
    return "; ".join(f"{name}: {' '.join(map(str, value))}" for name, value in texts.items())
