"""The command line ``citylake``: options, output and exit codes; no pipeline logic."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0: done; 1: faulty declarations or wrong usage; 2: a batch was held or a source was incomplete; 3: failed.
    """
    from citylake.pipelines.blocks.polars_settings import configure_polars
    from citylake.pipelines.cli.error_output import print_error
    from citylake.pipelines.cli.terminal_log import guard_log
    from citylake.pipelines.cli.typer_app import build_command

    guard_log()
    configure_polars()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return int(build_command()(arguments or ["--help"], standalone_mode=False) or 0)
    except BrokenPipeError:
        # The reader (head, less) closed the pipe. Redirect the rest, so that the flush at exit does not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return print_error(error, as_json="--json" in arguments)


def entry() -> None:
    """Run the console script."""
    collect_rarely()
    from citylake.pipelines.cli.terminal_log import guard_warnings

    guard_warnings()
    try:
        sys.exit(main())
    finally:
        # Otherwise the interpreter looks at each of them again before it ends: a tenth of a run without news.
        gc.freeze()


def collect_rarely() -> None:
    """Set how often this process collects garbage: most objects of a command live until it ends."""
    gc.set_threshold(200_000, 20, 20)
