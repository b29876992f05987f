"""What may be shown of a URL, and credentials taken out of any text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_USER = re.compile(r"(?<=://)[^/@\s]*@")
_QUERY = re.compile(r"(://[^\s?#'\"]*)[?#][^\s'\"]*")


def shown_url(text: str) -> str:
    """``text`` with user, password, query and fragment taken out of every URL in it: keys hide in them."""
    return _QUERY.sub(r"\1", _USER.sub("", text))


def without(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every one of ``secrets`` blotted out, longest first."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
