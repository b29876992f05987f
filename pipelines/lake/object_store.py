"""Object store options for polars, deltalake and fsspec, from the usual ``AWS_*`` variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fsspec

BLOCK_BYTES = 8 * 2**20
"""Read-ahead per open file, and size of one part of a multipart upload, in bytes."""
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_S3FS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


def object_store_options(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the storage options for polars and deltalake from the variables of ``environ``.

    A plain HTTP endpoint is allowed if it is configured. An endpoint without a region gets ``us-east-1``, because the
    client would otherwise look the region up at AWS. Conditional writes are always on: without them, one Delta commit
    could overwrite another.
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
    return {**found, "AWS_CONDITIONAL_PUT": "etag"}


def open_filesystem(url: str, options: Mapping[str, str] | None) -> Any:
    """Return the fsspec file system of ``url``, configured by the same ``options``.

    Raises ImportError if the package for its protocol is not installed.
    """
    protocol = url.partition("://")[0]
    if protocol not in ("s3", "s3a"):
        return fsspec.url_to_fs(url)[0]
    given = options or {}
    credentials = {_S3FS[name]: value for name, value in given.items() if name in _S3FS}
    return fsspec.filesystem(
        protocol,
        endpoint_url=given.get("AWS_ENDPOINT_URL"),
        client_kwargs={"region_name": given["AWS_REGION"]} if "AWS_REGION" in given else {},
        default_block_size=BLOCK_BYTES,
        # Other processes write to the store, so a cached listing can be out of date.
        use_listings_cache=False,
        **credentials,
    )
