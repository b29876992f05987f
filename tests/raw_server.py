"""A TCP server that does not keep to any protocol: it is silent, or sends its bytes slowly."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PAUSE_S = 0.05


@contextmanager
def raw_server(talk: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """The port of a server that does ``talk`` with each connection, until the event is set at the end of the block."""
    end = threading.Event()
    threads: list[threading.Thread] = []

    def serve() -> None:
        while not end.is_set():
            with suppress(TimeoutError, OSError):
                connection = listener.accept()[0]
                threads.append(threading.Thread(target=hold, args=(connection,)))
                threads[-1].start()

    def hold(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            talk(connection, end)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PAUSE_S)
        threads.append(threading.Thread(target=serve))
        threads[0].start()
        try:
            yield listener.getsockname()[1]
        finally:
            end.set()
            for thread in threads:
                thread.join()


def silent(connection: socket.socket, end: threading.Event) -> None:
    """Accept, and never answer."""
    end.wait()


def trickling(first: bytes, rest: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Answer with ``first`` at once, then with ``rest`` one byte at a time, over and over."""

    def talk(connection: socket.socket, end: threading.Event) -> None:
        connection.settimeout(PAUSE_S)
        with suppress(TimeoutError):  # A client of FTP waits for the first word.
            connection.recv(65536)
        connection.sendall(first)
        while not end.is_set():
            for byte in rest:
                connection.sendall(bytes([byte]))
                if end.wait(PAUSE_S):
                    return

    return talk


def forwarding(port: int, frozen: threading.Event) -> Callable[[socket.socket, threading.Event], None]:
    """Pass everything to the server at ``port`` and back, until ``frozen``: then nothing more, on open connections."""

    def talk(connection: socket.socket, end: threading.Event) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            ways = {connection: server, server: connection}
            while not end.is_set():
                for source in () if frozen.is_set() else select.select(list(ways), [], [], PAUSE_S)[0]:
                    if not (data := source.recv(65536)):
                        return
                    ways[source].sendall(data)
                if frozen.is_set():
                    end.wait()

    return talk
