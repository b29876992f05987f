"""Redaction of URLs and of credentials in any text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qsl, urlsplit

from citylake.schemas.words.secret_words import names_secret

_USER = re.compile(r"(?<=://)[^/@\s]*@")
_QUERY = re.compile(r"(://[^\s?#'\"]*)[?#][^\s'\"]*")


def redact_url(text: str) -> str:
    """``text`` without user, password, query and fragment of its URLs, which may contain keys."""
    return _QUERY.sub(r"\1", _USER.sub("", text))


def contains_secret(text: str, secrets: Iterable[str]) -> bool:
    """Whether ``text`` contains one of ``secrets`` in any encoding."""
    found = _secrets_pattern(secrets)
    return found is not None and found.search(text) is not None


def redact_secrets(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every one of ``secrets`` replaced in any encoding, the longest first.

    A lone surrogate, which no table or log can hold, becomes a question mark.
    """
    found = _secrets_pattern(secrets)
    text = found.sub("***", text) if found else text
    return text.encode("utf-8", "replace").decode()


def _secrets_pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(set(filter(None, secrets)), key=len, reverse=True)
    return (
        re.compile("|".join("".join(map(_spelling_pattern, secret)) for secret in longest_first))
        if longest_first
        else None
    )


def _spelling_pattern(char: str) -> str:
    """A pattern of ``char`` as encoded in URLs (also nested ones), JSON, source code and HTML."""
    if char.isascii() and char.isalnum():
        return char
    units = char.encode("utf-16-be")
    escaped = "".join(rf"\\+u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in char.encode())
    page = f"&#0*{ord(char)};|&#x0*{ord(char):x};|{re.escape(escape(char))}"
    blank = r"|\+" if char == " " else ""
    return rf"(?:\\*{re.escape(char)}|(?i:{escaped}|{percent}|{page}){blank})"


def may_hold_secret(url: str) -> bool:
    """Whether the URL has a user, or a parameter whose name suggests a key."""
    parts = urlsplit(url)
    return bool(parts.username or parts.password) or any(names_secret(name) for name, _ in parse_qsl(parts.query))
