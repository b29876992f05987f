"""Building of HTTP requests with the contract's headers and the connection's credentials."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.http_request import HttpRequest, encode_params


def build_http_request(
    client: httpx.Client, ask: HttpRequest, headers: Mapping[str, str], access: Credentials
) -> httpx.Request:
    """The httpx request for ``ask``; the connection's parameters are sent the same way as its own."""
    headers = {**headers, **access.headers}
    if ask.send == "form":
        return client.build_request(
            "POST", ask.url, headers=headers, data=encode_params({**ask.params, **access.params})
        )
    if ask.send == "json":
        return client.build_request("POST", ask.url, headers=headers, json={**ask.params, **access.params})
    added = encode_params({**ask.params, **access.params})
    # A link from the server is used unchanged.
    url = httpx.URL(ask.url).copy_merge_params(added) if added else httpx.URL(ask.url)
    return client.build_request(ask.method, url, headers=headers, json=ask.body)
