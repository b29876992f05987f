"""Opening a file system with the credentials of a connection. Host keys of SSH servers are always checked."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import fsspec

from citylake.pipelines.lake.object_store import s3fs_limits
from citylake.pipelines.pull.credentials import Credentials

# The library logs users and addresses at every connection.
logging.getLogger("asyncssh").setLevel(logging.WARNING)

_SSH = ("sftp", "ssh")
_ALIVE_S = 10
"""Interval of keep-alive messages to an SSH server, s; after three without a reply the connection is closed."""
_S3 = ("s3", "s3a")


class _DuplicateErrorFilter(logging.Filter):
    """Drops errors of parallel SSH requests: the first of them is raised, and reported there."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return error is None or type(error).__module__.split(".")[0] != "asyncssh"


logging.getLogger("asyncio").addFilter(_DuplicateErrorFilter())


def open_source_filesystem(url: str, access: Credentials, timeout_s: float) -> Any:
    """A new file system for ``url``, never one of another pull; the local one if ``url`` is empty.

    ``timeout_s``: for the connection and the login; for S3, also the longest silence. The connection's own options
    come first.
    """
    if not url:
        return fsspec.filesystem("file")
    options = _filesystem_options(url, access, timeout_s)
    return fsspec.url_to_fs(url, skip_instance_cache=True, **options)[0]


def _filesystem_options(url: str, access: Credentials, timeout_s: float) -> dict[str, Any]:
    protocol = url.partition("://")[0]
    kind = fsspec.get_filesystem_class(protocol)
    whole = kind._get_kwargs_from_urls(access.uri) if access.uri else {}
    options = {**whole, **access.options}
    if protocol in _SSH:
        options = _ssh_options(options, timeout_s)
    if protocol in _S3:
        said = options.get("config_kwargs") or {}
        options = {**options, "config_kwargs": {**s3fs_limits(timeout_s, timeout_s), **said}}
    # Options that the URL contains must not be passed twice.
    written = kind._get_kwargs_from_urls(url)
    return {name: value for name, value in options.items() if name not in written}


def _ssh_options(options: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
    """Options for sshfs, which checks host keys only if ``known_hosts`` is set."""
    # One name in another encoding must not make its whole folder unreadable.
    names = {"sftp_client_kwargs": {"path_errors": "surrogateescape"}}
    limits = {"keepalive_interval": _ALIVE_S, "connect_timeout": timeout_s, "login_timeout": timeout_s}
    told = {**names, **limits, **options}
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
