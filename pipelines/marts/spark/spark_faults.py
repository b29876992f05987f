"""What an endpoint says of a SELECT that failed, as an error of the mart that says what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from citylake.pipelines.marts.spark.engine_choice import REMOTE, spark_remote
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.marts.make.table_build import TableBuild
    from citylake.pipelines.marts.spark.call_limits import CallLimits

_DEFAULT_PORT: Final = 15002
_REFUSED: Final = {"UNAUTHENTICATED", "PERMISSION_DENIED"}
_LOST: Final = {"UNAVAILABLE"}
_LOST_TEXTS: Final = ("INVALID_HANDLE.", "RESPONSE_ALREADY_RECEIVED", "NO_ACTIVE_SESSION", "stopped SparkContext")
"""What the client and Apache Spark say of a session that a new server does not know, or of a server that ends."""
_MEMORY_TEXTS: Final = (
    "OutOfMemory",
    "Failed to allocate",
    "Java heap space",
    "Resources exhausted",
    "RESOURCE_EXHAUSTED",
    "GC overhead",
)


def shown_remote(remote: str) -> str:
    """Return the address without a user, a token or any other parameter."""
    parts = urlsplit(remote)
    return f"{parts.scheme or 'sc'}://{parts.hostname or ''}:{remote_port(remote)}"


def remote_port(remote: str) -> int:
    """Return the port of an address. Raises SPARK_ADDRESS_UNREADABLE."""
    try:
        return urlsplit(remote).port or _DEFAULT_PORT
    except ValueError as error:
        raise CitylakeError("SPARK_ADDRESS_UNREADABLE", variable=REMOTE) from error


def without_secrets(text: str, remote: str) -> str:
    """Return a message of the endpoint without the values of the address's parameters."""
    for value in re.findall(r"[;/](?:[\w-]+)=([^;]+)", remote):
        if len(value) > 4 and value.lower() not in ("false", "true"):
            text = text.replace(value, "***")
    return text.replace(remote, shown_remote(remote))


def spark_reason(error: BaseException) -> str:
    """Return the first lines of what the endpoint or its client said."""
    text = str(error).split("JVM stacktrace", 1)[0].strip()
    if details := re.search(r'details = "(.*?)"\n', text, re.DOTALL):
        text = details[1]
    lines = [line.strip() for line in text.splitlines() if line.strip()][:4]
    return without_secrets(" ".join(lines)[:600], spark_remote() or "") or type(error).__name__


def unopened(error: BaseException) -> CitylakeError:
    """Return why a session was not opened: SPARK_REFUSED or SPARK_UNREACHABLE. Raises the Ctrl-C behind it."""
    _raise_interruption(error)
    code = "SPARK_REFUSED" if _grpc_code(error) in _REFUSED else "SPARK_UNREACHABLE"
    return CitylakeError(code, remote=shown_remote(spark_remote() or ""), reason=spark_reason(error))


def select_fault(work: TableBuild, error: BaseException, limits: CallLimits) -> CitylakeError:
    """Return why a SELECT failed: SPARK_TIMED_OUT, SPARK_REFUSED, SPARK_OUT_OF_MEMORY, SPARK_LOST or SPARK_FAILED.

    Raises the Ctrl-C behind it.
    """
    _raise_interruption(error)
    remote, file = shown_remote(spark_remote() or ""), work.planned.file
    if limits.exceeded:
        return CitylakeError("SPARK_TIMED_OUT", file=file, remote=remote, limit=work.mart.timeout)
    return CitylakeError(_code(error, limits), file=file, remote=remote, reason=spark_reason(error))


def unread_files(work: TableBuild, error: BaseException, limits: CallLimits) -> CitylakeError:
    """Return why the endpoint cannot read an input, as :func:`select_fault`, or SPARK_FILES_UNREAD."""
    found = select_fault(work, error, limits)
    if found.code != "SPARK_FAILED":
        return found
    return CitylakeError("SPARK_FILES_UNREAD", remote=shown_remote(spark_remote() or ""), reason=spark_reason(error))


def _raise_interruption(error: BaseException) -> None:
    """Raise the Ctrl-C of which the client made an error of its own, when it could not tell the endpoint of it."""
    before: BaseException | None = error
    while before is not None:
        if not isinstance(before, Exception | GeneratorExit):
            raise before
        before = before.__context__


def _code(error: BaseException, limits: CallLimits) -> str:
    text, code = str(error), _grpc_code(error)
    if code in _REFUSED:
        return "SPARK_REFUSED"
    if any(each in text for each in _MEMORY_TEXTS):
        return "SPARK_OUT_OF_MEMORY"
    # After a call was lost, whatever a new server says of views that it does not have is not the fault of the SELECT.
    if code in _LOST or limits.retried or any(each in text for each in _LOST_TEXTS):
        return "SPARK_LOST"
    return "SPARK_FAILED"


def _grpc_code(error: BaseException) -> str:
    found = getattr(error, "getGrpcStatusCode", lambda: None)()
    return found.name if found is not None else ""
