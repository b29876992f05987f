"""Opening a file system as whom a connection says. SSH servers must be known."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import fsspec

from citylake.pipelines.pull.credentials import Credentials

# The library's own log tells users and addresses at every connection.
logging.getLogger("asyncssh").setLevel(logging.WARNING)

_SSH = ("sftp", "ssh")
_ALIVE_S = 10
"""How often a silent SSH server is asked whether it is still there, s: three times in vain, and it is given up."""
_ANSWER_S = 30
"""How long an SSH server may take to let somebody in, s."""


class _DuplicateErrorFilter(logging.Filter):
    """A block is read by many requests at once: of those that break off together, the first is raised, and told."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return error is None or type(error).__module__.split(".")[0] != "asyncssh"


logging.getLogger("asyncio").addFilter(_DuplicateErrorFilter())


def open_source_filesystem(url: str, access: Credentials) -> Any:
    """The file system that ``url`` is in, never one that another pull has used; the local one where it is empty."""
    if not url:
        return fsspec.filesystem("file")
    options = _filesystem_options(url, access)
    return fsspec.url_to_fs(url, skip_instance_cache=True, **options)[0]


def _filesystem_options(url: str, access: Credentials) -> dict[str, Any]:
    protocol = url.partition("://")[0]
    kind = fsspec.get_filesystem_class(protocol)
    whole = kind._get_kwargs_from_urls(access.uri) if access.uri else {}
    options = {**whole, **access.options}
    if protocol in _SSH:
        options = _ssh_options(options)
    # What the address itself says cannot be said twice.
    written = kind._get_kwargs_from_urls(url)
    return {name: value for name, value in options.items() if name not in written}


def _ssh_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Host keys are always checked: sshfs leaves that out unless it is told."""
    told = {"keepalive_interval": _ALIVE_S, "connect_timeout": _ANSWER_S, "login_timeout": _ANSWER_S, **options}
    told["known_hosts"] = _known_hosts(options.get("known_hosts"))
    if "client_keys" in options:
        keys = options["client_keys"]
        told["client_keys"] = [
            _private_key(key, options.get("passphrase")) for key in ([keys] if isinstance(keys, str) else keys)
        ]
    return told


def _known_hosts(said: str | None) -> Any:
    """A file's path, or its lines themselves; without either the user's own file."""
    if not said:
        return ()
    return said.encode() if " " in said.strip() else os.path.expanduser(said)


def _private_key(said: str, passphrase: str | None) -> Any:
    """A private key's file, or the key itself in PEM."""
    if not said.lstrip().startswith("-----BEGIN"):
        return os.path.expanduser(said)
    import asyncssh

    return asyncssh.import_private_key(said, passphrase)
