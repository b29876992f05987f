"""Object stores, set up for polars, deltalake and fsspec alike by the usual ``AWS_*`` variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fsspec

BLOCK_BYTES = 8 * 2**20
"""What is read ahead of one open file, and the size of a part that is written."""
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_S3FS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


def object_store_options(environ: Mapping[str, str]) -> dict[str, str]:
    """The options that polars and deltalake take, from the variables of ``environ``.

    An endpoint that is plain HTTP is allowed to be, and one without a region gets one, for else it is looked up at
    Amazon. A commit is a conditional write, whatever the variables say: without it a commit could undo another.
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
    """The fsspec file system of ``url`` with the same ``options``. Raises ImportError where its package is missing."""
    protocol = url.partition("://")[0]
    if protocol not in ("s3", "s3a"):
        return fsspec.url_to_fs(url)[0]
    asked = options or {}
    credentials = {_S3FS[name]: value for name, value in asked.items() if name in _S3FS}
    return fsspec.filesystem(
        protocol,
        endpoint_url=asked.get("AWS_ENDPOINT_URL"),
        client_kwargs={"region_name": asked["AWS_REGION"]} if "AWS_REGION" in asked else {},
        default_block_size=BLOCK_BYTES,
        # Others write to the store, too: what was listed once is not what there is now.
        use_listings_cache=False,
        **credentials,
    )
