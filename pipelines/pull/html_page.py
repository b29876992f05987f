"""Detection of web pages: a server may send a login or error page instead of a file."""

from __future__ import annotations

import re

_HTML = re.compile(rb"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_TITLE = re.compile(rb"<title[^>]*>\s*(.*?)\s*</title>", re.I | re.S)
_BOM = b"\xef\xbb\xbf"


def html_title(head: bytes) -> str | None:
    """The title of the web page that starts with ``head`` (“—” if it has none); None if it is no web page."""
    if not _HTML.match(head.removeprefix(_BOM)):
        return None
    title = _TITLE.search(head)
    return (title[1].decode("utf-8", "replace")[:100] if title else "") or "—"
