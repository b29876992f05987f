"""The command ``citylake``."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (0 done, 1 declarations or usage, 2 held or incomplete, 3 failed)."""
    from citylake.pipelines.cli.error_output import print_error
    from citylake.pipelines.cli.typer_app import app

    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return int(app(arguments or ["--help"], standalone_mode=False) or 0)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; what follows would have nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return print_error(error, as_json="--json" in arguments)


def entry() -> None:
    """The console script."""
    # What a command makes mostly lives to its end: to look through all of it for cycles every 700 objects is in vain.
    gc.set_threshold(50_000, 20, 20)
    sys.exit(main())
