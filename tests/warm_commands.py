"""Commands of citylake in forks of one process that has imported what takes long, for pages with many commands.

``python -m tests.warm_commands SOCKET`` listens until its parent ends. Each command has the arguments, the folder, the
variables and the files of whoever calls it. Modules of the command line itself are imported in the fork: what they say
depends on the variables.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path
from select import select

ROOT = Path(__file__).parents[1]
LIBRARIES = ("duckdb", "pandas", "polars", "pyarrow.parquet", "deltalake", "sqlglot", "pydantic", "rich", "yaml")
"""What a run imports and takes most of a second. None of them has begun to work before a fork."""
CLIENT = """#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(asked).to_bytes(8, "big")], [0, 1, 2])
server.sendall(asked)
sys.exit(int(server.recv(8) or b"70"))
"""


def write_client(path: Path, address: Path) -> None:
    """Write the executable ``path``, which has the server at ``address`` run ``citylake`` with its arguments."""
    path.write_text(CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    path.chmod(0o755)


@cache
def warm_server() -> Path:
    """The address of this process's server, which ends with it."""
    address = Path(tempfile.mkdtemp(prefix="citylake-warm-")) / "socket"
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(address)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    atexit.register(_end, server, address)
    return address


def _end(server: subprocess.Popen[bytes], address: Path) -> None:
    server.communicate()
    shutil.rmtree(address.parent, ignore_errors=True)


def serve(address: str) -> None:
    """Answer until standard input ends."""
    for name in LIBRARIES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        os.write(1, b"ready\n")
        while listening in select([listening, sys.stdin], [], [])[0]:
            asking, _ = listening.accept()
            with asking:
                if os.fork() == 0:
                    _answer(asking)


def _answer(asking: socket.socket) -> None:
    """Start the command, wait for it and tell its exit code. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command = os.fork()
    if command == 0:
        _become_command(asking)
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    asking.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _become_command(asking: socket.socket) -> None:
    """Never returns. What is registered for the exit is done; libraries would wait for threads that no fork has."""
    size, files, _, _ = socket.recv_fds(asking, 8, 3)
    with asking.makefile("rb") as stream:
        words, folder, variables = json.loads(stream.read(int.from_bytes(size, "big")))
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    asking.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["citylake", *words]
    code = _code_of_command()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _code_of_command() -> int:
    try:
        from citylake.pipelines.cli import entry

        entry()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
