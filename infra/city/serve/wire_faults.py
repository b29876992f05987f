"""Faults of the transport: truncated bodies, and slow bodies."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DRIP_S = 0.05
_DRIPS = 5


@dataclass(slots=True)
class TruncatedBody:
    """Sends half of every body, then closes the connection."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve half of one response."""

        async def half(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] != "http.response.body" or not body:
                await send(message)
                return
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            raise ConnectionAbortedError("the response is truncated, as requested")

        await self.app(scope, receive, half)


def drip_body(app: ASGIApp) -> ASGIApp:
    """Sends every body in a few pieces, with pauses between them."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        async def drip(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] != "http.response.body" or not body:
                await send(message)
                return
            step = len(body) // _DRIPS + 1
            for place in range(0, len(body), step):
                await send({**message, "body": body[place : place + step], "more_body": True})
                await asyncio.sleep(_DRIP_S)
            await send({"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)})

        await app(scope, receive, drip)

    return served
