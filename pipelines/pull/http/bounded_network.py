"""The network of one HTTP client: everything ends at a deadline, and a name is resolved once.

httpx limits each read, so a server that sends a byte a second would never end. It also resolves a name at each
connection: another answer than the one that was checked could lead a redirect into the internal network.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from citylake.pipelines.pull.time_limit import answer_within

_RESOLVE_S = 30.0
_BACKEND = httpcore.SyncBackend()


@dataclass(slots=True)
class BoundedNetwork(httpcore.NetworkBackend):
    """A network backend whose connections end at ``deadline`` (``time.monotonic``).

    Behind a proxy it connects to the proxy, which resolves the names.
    """

    deadline: float
    pinned: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def use_in(self, client: httpx.Client) -> None:
        """Make ``client`` connect through this network, also to its proxies; httpx has no argument for it."""
        for transport in (client._transport, *client._mounts.values()):
            if isinstance(transport, httpx.HTTPTransport):
                transport._pool._network_backend = self

    def left_s(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - time.monotonic()

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of ``host``, resolved once; raises OSError if there are none, or no answer in time."""
        if host not in self.pinned:
            limit_s = max(0.0, min(_RESOLVE_S, self.left_s()))
            found = answer_within(limit_s, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
            self.pinned[host] = tuple(dict.fromkeys(str(each[4][0]) for each in found))
        return self.pinned[host]

    def forget(self, host: str) -> None:
        """Resolve ``host`` again at the next connection: a server may have moved."""
        self.pinned.pop(host, None)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the pinned addresses of ``host``, in their order, within ``timeout`` in all."""
        until = min(self.deadline, time.monotonic() + timeout) if timeout else self.deadline
        options = list(socket_options or ())
        failed: Exception = httpcore.ConnectTimeout("no time left")
        for address in self._resolved(host):
            if (left := until - time.monotonic()) <= 0:
                break
            try:
                made = _BACKEND.connect_tcp(address, port, left, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return DeadlineStream(made, self.deadline)
        raise failed

    def _resolved(self, host: str) -> Sequence[str]:
        try:
            return self.addresses(host)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"name resolution of {host}: {error}") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error


@dataclass(slots=True)
class DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes end at ``deadline``, however slowly bytes trickle."""

    stream: httpcore.NetworkStream
    deadline: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As the stream's; raises ReadTimeout at the deadline."""
        return self.stream.read(max_bytes, self._limit(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As the stream's; raises WriteTimeout at the deadline."""
        self.stream.write(buffer, self._limit(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """As the stream's."""
        self.stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As the stream's; raises ConnectTimeout at the deadline."""
        limit = self._limit(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self.stream.start_tls(ssl_context, server_hostname, limit), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """As the stream's."""
        return self.stream.get_extra_info(info)

    def _limit(self, timeout: float | None, late: type[Exception]) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise late("the deadline has passed")
        return left if timeout is None else min(timeout, left)


@contextmanager
def bounded_client(deadline_s: float, **options: Any) -> Iterator[tuple[httpx.Client, BoundedNetwork]]:
    """An httpx client with ``options``, all of whose work ends ``deadline_s`` seconds from now; and its network."""
    with httpx.Client(**options) as client:
        network = BoundedNetwork(time.monotonic() + deadline_s)
        network.use_in(client)
        yield client, network
