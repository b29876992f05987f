"""Names of files that are not UTF-8, as from a zip of a Chinese Windows: escaped, so that no two become one."""

from __future__ import annotations

from citylake.schemas.words.contained_faults import escape_half_characters
from citylake.schemas.words.errors import Problem

_GUESSES = ("gb18030", "big5", "cp1252")


def readable_name(name: str) -> str:
    r"""``name`` as text that can be written down: bytes that are not UTF-8 become ``\xca\xfd``."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return escape_half_characters(name)


def undecoded_name_notice(name: str) -> Problem | None:
    """FILENAME_NOT_UTF8 with what the name probably says, for a ``name`` that is not UTF-8; None for any other."""
    name = name.rpartition("/")[2]
    shown = readable_name(name)
    if shown == name:
        return None
    stored = name.encode("utf-8", "surrogateescape") if _is_escaped(name) else shown.encode()
    for encoding in _GUESSES:
        try:
            guess = stored.decode(encoding)
        except UnicodeDecodeError:
            continue
        return Problem("FILENAME_NOT_UTF8", {"file": shown, "guess": guess, "encoding": encoding})
    return Problem("FILENAME_NOT_UTF8", {"file": shown, "guess": "—", "encoding": "—"})


def _is_escaped(name: str) -> bool:
    try:
        name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
