"""``python -m citylake.infra.spark environments|serve``: what tests of marts on Spark need, and a server to try."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from citylake.infra.spark.spark_environments import (
    PACKAGES,
    SPARK_HOME,
    Environment,
    Server,
    is_made,
    make_client,
    make_server,
)
from citylake.infra.spark.spark_servers import MEBIBYTES, lacks_java, running_server, what_is_missing
from citylake.schemas.words.errors import CitylakeError

SAIL_PORT = 50051
"""The port that Sail itself takes where none is given."""


def main(words: Sequence[str] | None = None) -> int:
    """Make the environments, or serve until Ctrl-C; the exit code is 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m citylake.infra.spark", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    make = actions.add_parser("environments", help="make the client's and the servers' environments below build/spark")
    make.add_argument("--if-possible", action="store_true", help="what cannot be made is named, and is no failure")
    serve = actions.add_parser("serve", help="start a server on this machine until Ctrl-C")
    serve.add_argument("--server", choices=tuple(PACKAGES), default="sail")
    serve.add_argument("--port", type=int, default=SAIL_PORT, help="0 takes a free one")
    serve.add_argument("--memory-mb", type=int, default=MEBIBYTES, help="Java's heap, or Sail's memory pool")
    serve.add_argument("--home", type=Path, default=SPARK_HOME / "work", help="for the log and temporary files")
    asked = parser.parse_args(words)
    if asked.action == "environments":
        return 0 if _made() or asked.if_possible else 1
    return _serve(asked.server, asked.home, asked.port, asked.memory_mb)


def _made() -> bool:
    """Make what is missing, all at once: most of the time goes into one download of 450 MB."""
    makers: dict[Environment, Callable[[], None]] = {"client": make_client}
    for server in PACKAGES:
        if (why := lacks_java(server)) is None:
            makers[server] = partial(make_server, server)
        else:
            print(why, file=sys.stderr)
    missing = {name: make for name, make in makers.items() if not is_made(name)}
    if missing:
        print(f"Making the environments {', '.join(missing)} of Spark: a minute or two, once", file=sys.stderr)
    with ThreadPoolExecutor(len(makers)) as threads:
        good = list(threads.map(_succeeds, missing.values()))
    return all(good) and len(makers) == 1 + len(PACKAGES)


def _succeeds(make: Callable[[], None]) -> bool:
    try:
        make()
    except (subprocess.CalledProcessError, OSError) as error:
        print(error, file=sys.stderr)
        return False
    return True


def _serve(server: Server, home: Path, port: int, memory_mb: int) -> int:
    if (why := what_is_missing(server)) is not None:
        print(why, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running_server(server, home, port, memory_mb) as address:
            print(f"CITYLAKE_SPARK_REMOTE={address}", flush=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    except CitylakeError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
