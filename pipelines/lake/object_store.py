"""Object store options for polars, deltalake and fsspec, from the usual ``AWS_*`` variables.

Every request has an end: a server that never answers costs ``CITYLAKE_STORE_TIMEOUT_S`` seconds twice, and then fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fsspec

from citylake.schemas.words.errors import CitylakeError

BLOCK_BYTES = 8 * 2**20
"""Read-ahead per open file, and size of one part of a multipart upload, in bytes."""
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
TIMEOUT_VARIABLE = "CITYLAKE_STORE_TIMEOUT_S"
_TIMEOUT_S = 60.0
_CONNECT_S = 10.0
_TRIES = 2
"""Attempts of s3fs, and of botocore within each; polars and deltalake try a request twice in their time."""
_S3FS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


def object_store_options(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the storage options for polars and deltalake from the variables of ``environ``.

    A plain HTTP endpoint is allowed if it is configured. An endpoint without a region gets ``us-east-1``, because the
    client would otherwise look the region up at AWS. Conditional writes are always on: without them, one Delta commit
    could overwrite another. The time limits are of one request with its body; polars knows them by the same names as
    deltalake. Raises STORE_TIMEOUT_UNREADABLE.
    """
    found = {name: value for name, value in environ.items() if name.startswith("AWS_") and value}
    endpoint = next((found[name] for name in _ENDPOINTS if name in found), None)
    found = {name: value for name, value in found.items() if name not in _ENDPOINTS}
    region = found.get("AWS_REGION") or found.get("AWS_DEFAULT_REGION") or ("us-east-1" if endpoint else None)
    if region:
        found["AWS_REGION"] = region
    if endpoint:
        found["AWS_ENDPOINT_URL"] = endpoint
        found["AWS_ALLOW_HTTP"] = str(endpoint.startswith("http://")).lower()
    return {**found, "AWS_CONDITIONAL_PUT": "etag", **_time_limits(store_timeout_s(environ))}


def store_timeout_s(environ: Mapping[str, str]) -> float:
    """The longest time of one request to the store, s. Raises STORE_TIMEOUT_UNREADABLE."""
    said = environ.get(TIMEOUT_VARIABLE)
    if not said:
        return _TIMEOUT_S
    try:
        limit = float(said)
    except ValueError:
        limit = 0.0
    if not 0.1 <= limit <= 86_400:
        raise CitylakeError("STORE_TIMEOUT_UNREADABLE", variable=TIMEOUT_VARIABLE, value=said)
    return limit


def _time_limits(limit_s: float) -> dict[str, str]:
    """The libraries' own default is no limit (polars), or 30 s and three minutes of retries (deltalake)."""
    told = {"timeout": limit_s, "connect_timeout": min(limit_s, _CONNECT_S), "retry_timeout": _TRIES * limit_s}
    return {name: f"{round(seconds * 1000)}ms" for name, seconds in told.items()}


def open_filesystem(url: str, options: Mapping[str, str] | None, *, remembering: bool = False) -> Any:
    """Return the fsspec file system of ``url``, configured by the same ``options``.

    ``remembering``: for an engine that asks about the same data files again and again (S3 only). Raises ImportError if
    the package for its protocol is not installed.
    """
    protocol = url.partition("://")[0]
    if protocol not in ("s3", "s3a"):
        return fsspec.url_to_fs(url)[0]
    given = options or {}
    credentials = {_S3FS[name]: value for name, value in given.items() if name in _S3FS}
    found = _s3_class(protocol, remembering=remembering)(
        endpoint_url=given.get("AWS_ENDPOINT_URL"),
        client_kwargs={"region_name": given["AWS_REGION"]} if "AWS_REGION" in given else {},
        default_block_size=BLOCK_BYTES,
        # Other processes write to the store, so a cached listing can be out of date.
        use_listings_cache=False,
        config_kwargs=s3fs_limits(
            _seconds(given, "timeout", _TIMEOUT_S), _seconds(given, "connect_timeout", _CONNECT_S)
        ),
        **credentials,
    )
    found.retries = _TRIES
    return found


def _s3_class(protocol: str, *, remembering: bool) -> Any:
    if not remembering:
        return fsspec.get_filesystem_class(protocol)
    from citylake.pipelines.lake.remembered_files import RememberingS3

    return RememberingS3


def s3fs_limits(silence_s: float, connect_s: float) -> dict[str, Any]:
    """The configuration of botocore: the longest silence of a server, and for a connection."""
    # botocore retries also what answers "slow down"; s3fs what breaks off.
    retries = {"total_max_attempts": _TRIES, "mode": "standard"}
    return {"read_timeout": silence_s, "connect_timeout": connect_s, "retries": retries}


def _seconds(options: Mapping[str, str], name: str, default: float) -> float:
    return float(options[name].removesuffix("ms")) / 1000 if name in options else default
