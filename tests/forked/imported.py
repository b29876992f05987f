"""What a process imports before it is forked for commands, and that nothing in it could be missing in a fork."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from pathlib import Path

IDLE_THREADS = {"python", "jemalloc_bg_thd", "polars-ooc-clea"}
"""Threads that importing starts: they wait, and no fork needs them."""
NOT_IN_COMMANDS = ("citylake.quality.expectations", "citylake.pipelines.serve")
"""Great Expectations and the MCP server: a command that needs them imports them itself."""


def threads() -> set[str]:
    """Return the names of the threads of this process."""
    found = {Path(f"/proc/self/task/{each}/comm").read_text("utf-8").strip() for each in os.listdir("/proc/self/task")}
    return {re.sub(r"^python[0-9.]*$", "python", name) for name in found}


def load_everything() -> None:
    """Import every module that a command may use, and run nothing. No engine may have started its threads."""
    import citylake.pipelines
    import citylake.quality
    import citylake.schemas

    for package in (citylake.schemas, citylake.quality, citylake.pipelines):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and not module.name.startswith(NOT_IN_COMMANDS):
                _import_if_possible(module.name)
    _fill_caches()
    assert threads() <= IDLE_THREADS, threads()


def _fill_caches() -> None:
    """Read and build what is the same for every command: otherwise it is a quarter of what each of them does."""
    from citylake.pipelines.cli.typer_app import build_command
    from citylake.schemas.lint.valid_registry import load_valid_registry
    from citylake.schemas.words.message_catalogue import issue_types, translations_of
    from tests.declared import ALL_PACKS

    build_command()
    issue_types()
    load_valid_registry(ALL_PACKS)
    for name in ("run", "tasks", "mart_file"):
        translations_of(f"{name}.")


def _import_if_possible(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        return  # an optional library is missing
