"""What may be shown of a URL, and credentials taken out of any text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from schemas.secret_words import names_secret

_USER = re.compile(r"(?<=://)[^/@\s]*@")
_QUERY = re.compile(r"(://[^\s?#'\"]*)[?#][^\s'\"]*")


def shown_url(text: str) -> str:
    """``text`` with user, password, query and fragment taken out of every URL in it: keys hide in them."""
    return _QUERY.sub(r"\1", _USER.sub("", text))


def spellings(secret: str) -> set[str]:
    """``secret`` as it is, as a URL spells it, and as JSON does."""
    return {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}


def without(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every one of ``secrets`` blotted out, however it is spelt, longest first."""
    spelt = {spelling for secret in filter(None, secrets) for spelling in spellings(secret)}
    for secret in sorted(spelt, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def may_hold_secret(url: str) -> bool:
    """Whether the address has a user, or a parameter that is called like a key."""
    parts = urlsplit(url)
    return bool(parts.username or parts.password) or any(names_secret(name) for name, _ in parse_qsl(parts.query))
