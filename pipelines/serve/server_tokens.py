"""The tokens that a server of a mart admits, and the name of who has each."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.lake.access_record import process_user
from citylake.schemas.words.errors import CitylakeError

TOKEN_VARIABLE = "CITYLAKE_SERVE_TOKEN"  # noqa: S105 - the name of a variable
_SHORTEST = 16
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class ServerTokens:
    """``users``: token → user. ``named``: each has a person of its own. ``made``: the token that was made here."""

    users: Mapping[str, str]
    named: bool = False
    made: str = ""

    def user_of(self, offered: str | None) -> str | None:
        """The user of a token, or None if it is none of these. Every token is compared, so that time tells nothing."""
        found = None
        for token, user in self.users.items():
            if hmac.compare_digest(token.encode(), (offered or "").encode(errors="replace")):
                found = user
        return found


def server_tokens(file: Path | None) -> ServerTokens:
    """The tokens in a file, else the one in ``CITYLAKE_SERVE_TOKEN``, else a new one.

    The file has a line ``NAME TOKEN`` for each person, and is readable by its owner only; ``#`` begins a comment.
    Raises SERVE_TOKENS_UNUSABLE.
    """
    if file is not None:
        return ServerTokens(_tokens_in(file), named=True)
    if given := os.environ.get(TOKEN_VARIABLE, "").strip():
        if len(given) < _SHORTEST:
            raise _unusable(TOKEN_VARIABLE, "short")
        return ServerTokens({given: process_user()})
    made = secrets.token_urlsafe(24)
    return ServerTokens({made: process_user()}, made=made)


def _tokens_in(file: Path) -> dict[str, str]:
    try:
        # The mode is that of the file that is read, whoever replaces it in between.
        with file.open(encoding="utf-8") as opened:
            if os.fstat(opened.fileno()).st_mode & _OTHERS:
                raise _unusable(str(file), "open")
            lines = [line.split("#")[0].split() for line in opened]
    except (OSError, UnicodeDecodeError) as error:
        raise CitylakeError("SERVE_TOKENS_UNUSABLE", where=str(file), why=str(error)) from error
    found: dict[str, str] = {}
    for words in filter(None, lines):
        if len(words) != 2 or words[1] in found:
            raise _unusable(str(file), "line")
        if len(words[1]) < _SHORTEST:
            raise _unusable(str(file), "short")
        found[words[1]] = words[0]
    if not found:
        raise _unusable(str(file), "line")
    return found


def _unusable(where: str, reason: str) -> CitylakeError:
    from citylake.schemas.words.message_catalogue import translations_of

    why = translations_of(f"serve.tokens_{reason}")
    return CitylakeError("SERVE_TOKENS_UNUSABLE", where=where, why=why.model_dump() if why else reason)
