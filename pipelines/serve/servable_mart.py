"""Which mart a server may give to whom has a token: where the mart asks who reads, each token has a person's name."""

from __future__ import annotations

import os

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.serve.server_tokens import ServerTokens
from citylake.schemas.words.errors import CitylakeError


def check_servable(lake: Lake, pointer: Pointer, tokens: ServerTokens) -> None:
    """Refuse a mart whose declarations a server with these tokens would not keep. Raises SERVE_REFUSED.

    A mart with values of persons, with ``accesses: required`` or with ``readers`` needs a name for each token, because
    the record of a query must say who asked. With ``readers``, each of the names is in the group of the mart's folder:
    what the file's mode keeps from a user, the server does not give to that user either.
    """
    asks = pointer.personal or pointer.accesses == "required" or pointer.readers is not None
    if asks and not tokens.named:
        raise _refused(pointer, "names")
    if pointer.readers is not None:
        if not lake.local:
            raise _refused(pointer, "store")
        folder = lake.mart(pointer.mart)
        if strangers := sorted(user for user in tokens.users.values() if not _in_group(user, os.stat(folder).st_gid)):
            raise _refused(pointer, "group", ", ".join(strangers))


def _in_group(user: str, group: int) -> bool:
    """Whether a user of this machine is in a group; one that the machine does not know is in none."""
    import grp
    import pwd

    try:
        own = pwd.getpwnam(user).pw_gid
        return group == own or user in grp.getgrgid(group).gr_mem
    except KeyError:
        return False


def _refused(pointer: Pointer, reason: str, who: str = "") -> CitylakeError:
    from citylake.schemas.words.message_catalogue import translations_of

    why = translations_of(f"serve.refused_{reason}")
    said = {language: text.format(who=who) for language, text in why.model_dump().items()} if why else reason
    return CitylakeError("SERVE_REFUSED", mart=pointer.mart, why=said)
