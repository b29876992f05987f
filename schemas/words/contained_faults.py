"""Which exceptions are faults of one part of a run (a dataset, a mart, a channel), and must not end the others."""

from __future__ import annotations

_OTHERS = ("KeyboardInterrupt", "GeneratorExit")
_SCHEDULER = "airflow"


def is_contained(error: BaseException) -> bool:
    """Whether ``error`` is a fault of the part that raised it.

    Not every fault is an ``Exception``: a panic in Rust (polars, deltalake) and a library's ``sys.exit()`` are not.
    Ctrl-C ends the run, and so does a scheduler that stops its task.
    """
    kind = type(error)
    return kind.__name__ not in _OTHERS and kind.__module__.split(".")[0] != _SCHEDULER


def describe_fault(error: BaseException) -> str:
    """The type and the text of ``error`` on one line; half characters are escaped, so that any table can hold it."""
    try:
        text = str(error)
    except Exception as broken:
        text = f"(no text: {type(broken).__name__})"
    return escape_half_characters(f"{type(error).__name__}: {text}")


def escape_half_characters(text: str) -> str:
    r"""``text`` with surrogates as ``\udc80``: bytes of a file name that is not UTF-8 are held so, and no file is."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
