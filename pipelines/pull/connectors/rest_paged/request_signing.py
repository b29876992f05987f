"""Two-step calls: a request for a signature, and the call that carries it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from functools import partial
from typing import Any

from citylake.pipelines.pull.connectors.rest_paged.rest_paged_source import SignRequest
from citylake.pipelines.pull.http.http_client import HttpClient, RequestSigner
from citylake.pipelines.pull.http.http_request import HttpParams, HttpRequest
from citylake.pipelines.pull.http.json_document import get_member
from citylake.pipelines.pull.http.rate_limit import TransientError

_LONGEST = 65_536
# A signature is one token; an error page has brackets, and a message has blanks or other letters.
_TOKEN = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{8,4096}")


def make_request_signer(asker: HttpClient, sign: SignRequest | None) -> RequestSigner | None:
    """Signs each request of ``asker`` right before it is sent; None if the contract has no ``sign``."""
    return partial(_sign_request, asker, sign) if sign else None


def _sign_request(asker: HttpClient, sign: SignRequest, ask: HttpRequest) -> HttpRequest:
    """``ask`` with a signature; raises SIGN_REFUSED, or the error of the signature request."""
    stamp: HttpParams = {sign.timestamp: str(time.time_ns() // 1_000_000)} if sign.timestamp else {}
    params: HttpParams = {**ask.params, **stamp, sign.into: ""}
    url = asker.on_origin(sign.url, asker.source.url, 0)
    access = replace(asker.access, params={**asker.access.params, **asker.access.sign})
    body = asker.aside(replace(ask, url=url, params={**params, **sign.params}), access, _LONGEST)
    signature = _request_signature(asker, sign, body)
    asker.access = asker.access.knowing(signature)
    return replace(ask, params={**params, sign.into: signature})


def _request_signature(asker: HttpClient, sign: SignRequest, body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    found = _json_or_text(text) if sign.take is None else get_member(_json_or_text(text), sign.take)
    if isinstance(found, str) and _TOKEN.fullmatch(found.strip()):
        return found.strip()
    start = asker.redact(" ".join(text[:4096].split()))[:120]
    raise TransientError("SIGN_REFUSED", source=asker.shown, start=start or "—")


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
