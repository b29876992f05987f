"""``python -m tests.forked.server SOCKET [NAME]``: runs each command that is asked for in a fork of itself.

A request is the descriptors 0, 1 and 2 of the command, and a line of JSON: its ``words``, ``folder`` and
``variables``. A first word ``package.module:function`` is called with the others, in place of ``citylake``.
The answer is two lines: the process's id, and its exit code once it has ended, negative for a signal.
``NAME``: a function of the library in ``LD_PRELOAD`` that each fork calls before it begins.
It ends when its standard input ends.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from typing import Any, NoReturn

from tests.forked.imported import load_everything

LIMIT_S = 240
"""A command that takes longer is ended by SIGALRM."""


class Server:
    """One thread: it accepts, forks, and reports the forks that have ended."""

    def __init__(self, path: str) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(f"{path}.new")
        self._listening.listen(64)
        os.rename(f"{path}.new", path)
        self._asked: dict[int, socket.socket] = {}
        self._ended, wakeup = socket.socketpair()
        wakeup.settimeout(0)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        self._wakeup = wakeup

    def serve(self) -> None:
        """Answer until standard input ends."""
        with selectors.DefaultSelector() as waiting:
            for source in (sys.stdin, self._listening, self._ended):
                waiting.register(source, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in waiting.select()]
                if self._ended in ready:
                    self._ended.recv(4096)
                    self._report()
                if self._listening in ready:
                    self._accept()
                if sys.stdin in ready:
                    return

    def _accept(self) -> None:
        connection, _ = self._listening.accept()
        _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
        with connection.makefile(encoding="utf-8") as lines:
            wanted = json.loads(lines.readline())
        child = os.fork()
        if child == 0:
            self._close()
            connection.close()
            become_command(wanted, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._asked[child] = connection
        _tell(connection, child)

    def _report(self) -> None:
        while self._asked:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            with self._asked.pop(child) as connection:
                _tell(connection, os.waitstatus_to_exitcode(status))

    def _close(self) -> None:
        """In a fork: leave what is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for own in (self._listening, self._ended, self._wakeup, *self._asked.values()):
            own.close()


def _tell(connection: socket.socket, number: int) -> None:
    try:
        connection.sendall(f"{number}\n".encode())
    except BrokenPipeError:
        return  # who asked has gone


def become_command(wanted: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Run the command as a process of its own would, and end."""
    code = 70
    signal.alarm(LIMIT_S)
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(wanted["folder"])
        os.environ.clear()
        os.environ.update(wanted["variables"])
        time.tzset()
        for name in sys.argv[2:]:
            ctypes.CDLL(os.environ["LD_PRELOAD"])[name]()
        code = _run(wanted["words"])
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(words: list[str]) -> int:
    module, _, function = words[0].partition(":")
    if function:
        return int(getattr(importlib.import_module(module), function)(*words[1:]) or 0)
    from citylake.pipelines.cli import entry

    sys.argv = ["citylake", *words]
    try:
        entry()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def main() -> None:
    """Import, then serve; the socket is there when it can be asked."""
    load_everything()
    gc.collect()
    gc.freeze()
    Server(sys.argv[1]).serve()


if __name__ == "__main__":
    main()
