"""Opening a file system with the credentials of a connection. Host keys of SSH servers are always checked."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import fsspec

from citylake.pipelines.pull.credentials import Credentials

# The library logs users and addresses at every connection.
logging.getLogger("asyncssh").setLevel(logging.WARNING)

_SSH = ("sftp", "ssh")
_ALIVE_S = 10
"""Interval of keep-alive messages to an SSH server, s; after three without a reply the connection is closed."""
_ANSWER_S = 30
"""Time limit for the login at an SSH server, s."""


class _DuplicateErrorFilter(logging.Filter):
    """Drops errors of parallel SSH requests: the first of them is raised, and reported there."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return error is None or type(error).__module__.split(".")[0] != "asyncssh"


logging.getLogger("asyncio").addFilter(_DuplicateErrorFilter())


def open_source_filesystem(url: str, access: Credentials) -> Any:
    """A new file system for ``url``, never one of another pull; the local one if ``url`` is empty."""
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
    # Options that the URL contains must not be passed twice.
    written = kind._get_kwargs_from_urls(url)
    return {name: value for name, value in options.items() if name not in written}


def _ssh_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options for sshfs, which checks host keys only if ``known_hosts`` is set."""
    # One name in another encoding must not make its whole folder unreadable.
    names = {"sftp_client_kwargs": {"path_errors": "surrogateescape"}}
    told = {
        **names,
        "keepalive_interval": _ALIVE_S,
        "connect_timeout": _ANSWER_S,
        "login_timeout": _ANSWER_S,
        **options,
    }
    told["known_hosts"] = _known_hosts(options.get("known_hosts"))
    if "client_keys" in options:
        keys = options["client_keys"]
        told["client_keys"] = [
            _private_key(key, options.get("passphrase")) for key in ([keys] if isinstance(keys, str) else keys)
        ]
    return told


def _known_hosts(said: str | None) -> Any:
    """The path of a file, or its content; the user's own file if neither is given."""
    if not said:
        return ()
    return said.encode() if " " in said.strip() else os.path.expanduser(said)


def _private_key(said: str, passphrase: str | None) -> Any:
    """The path of a private key, or the key itself in PEM."""
    if not said.lstrip().startswith("-----BEGIN"):
        return os.path.expanduser(said)
    import asyncssh

    return asyncssh.import_private_key(said, passphrase)
