"""Translation of a store's exceptions to issues, with the transient ones marked."""

from __future__ import annotations

import errno
import socket

from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.schemas.words.errors import CitylakeError

_LIBRARIES = ("asyncssh", "botocore", "aiobotocore", "aiohttp", "s3fs", "sshfs")
_CODES = {
    "PermissionDenied": "STORE_REFUSED",
    "SFTPPermissionDenied": "STORE_REFUSED",
    "NoCredentialsError": "STORE_REFUSED",
    "HostKeyNotVerifiable": "STORE_UNKNOWN",
    "FileExpired": "FILE_GROWING",
    "SFTPNoSuchPath": "SOURCE_NO_FILE",
}
"""Issue codes by the names of the libraries' exceptions, because the libraries may not be installed."""
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "FSTimeoutError", "ClientConnectorError")
_BROKEN_OFF = (
    *("ConnectionLost", "DisconnectError", "SFTPConnectionLost", "SFTPNoConnection", "SFTPEOFError"),
    *(
        "ClientPayloadError",
        "ResponseStreamingError",
        "IncompleteReadError",
        "ReadTimeoutError",
        "ConnectionClosedError",
    ),
    *("ServerDisconnectedError", "ChannelOpenError", "BrokenPipeError", "ProtocolError", "KeyExchangeFailed"),
)
_ERRNOS = {
    errno.EMFILE: "FILES_OPEN",
    errno.ENFILE: "FILES_OPEN",
    errno.EACCES: "STORE_REFUSED",
    errno.EPERM: "STORE_REFUSED",
}
_UNREACHABLE_ERRNOS = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ECONNREFUSED, errno.ETIMEDOUT)


def is_storage_error(error: Exception) -> bool:
    """Whether ``error`` comes from the store, not from a bug in citylake."""
    return isinstance(error, OSError | ImportError | ValueError) or type(error).__module__.split(".")[0] in _LIBRARIES


def translate_storage_error(error: Exception, shown: str, access: Credentials) -> CitylakeError:
    """The fault of ``shown``; TransientError if a retry may help."""
    reason = access.redact(_storage_error_reason(error))
    names = {kind.__name__ for kind in type(error).__mro__}
    for name in names & _CODES.keys():
        return CitylakeError(_CODES[name], source=shown, reason=reason)
    if isinstance(error, PermissionError):
        return CitylakeError("STORE_REFUSED", source=shown, reason=reason)
    number = getattr(error, "errno", None)
    if number in _ERRNOS:
        return CitylakeError(_ERRNOS[number], source=shown, reason=reason)
    if names & set(_UNREACHABLE) or number in _UNREACHABLE_ERRNOS or isinstance(error, socket.gaierror | TimeoutError):
        return TransientError("STORE_UNREACHABLE", source=shown, reason=reason)
    if names & set(_BROKEN_OFF) or isinstance(error, ConnectionError):
        return TransientError("STORE_BROKE_OFF", source=shown, reason=reason)
    return CitylakeError("SOURCE_UNREADABLE", source=shown, reason=reason)


def _storage_error_reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
