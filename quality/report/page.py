"""The page of one run: a single HTML file that a data steward reads, prints and forwards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from jinja2 import BytecodeCache, ChainableUndefined, Environment, FileSystemBytecodeCache, PackageLoader

from quality.report import bars, shown, summary, words
from schemas.catalogue import word

Language = Literal["zh", "en", "both"]


def render(document: Mapping[str, Any], language: str = "both") -> str:
    """One self-contained HTML document from that of ``citylake run --json``.

    It holds both languages; ``language`` (``zh``, ``en``, ``both``) is what is shown until the reader chooses.
    """
    datasets = summary.in_order(document.get("datasets") or [])
    marts = summary.in_order(document.get("marts") or [])
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            run=document.get("run") or {},
            report=document.get("report"),
            datasets=datasets,
            marts=marts,
            total=summary.total(datasets),
            reasons=summary.reasons(datasets),
            seconds=summary.seconds(datasets, marts),
            statuses={"datasets": summary.statuses(datasets), "marts": summary.statuses(marts)},
            attention={"datasets": summary.trouble(datasets), "marts": summary.trouble(marts)},
            language=language,
        )
    )


def _compiled() -> BytecodeCache | None:
    """Compiled templates, kept for the next process in the user's own temporary folder, where there is one."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):
        return None


@cache
def _environment() -> Environment:
    # A page must be written even where a run ended before it could say everything: what is absent shows as nothing.
    environment = Environment(
        loader=PackageLoader("quality.report"),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        word=word,
        say=words.say,
        both=words.both,
        badge=words.badge,
        status=words.status,
        rows_of=summary.rows_of,
        receipts_of=summary.receipts,
        stacked=bars.stacked,
        log_length=bars.log_length,
        share=shown.share,
    )
    environment.filters.update(
        number=shown.number, size=shown.size, duration=shown.duration, moment=shown.moment, days=shown.days
    )
    return environment
