"""How pages are drawn: templates, words and numbers, for the page of a run and for those that are served."""

from __future__ import annotations

from functools import cache

from jinja2 import BytecodeCache, ChainableUndefined, ChoiceLoader, Environment, FileSystemBytecodeCache, PackageLoader

from quality.report import bars, shown, summary, words
from schemas.catalogue import word

LANGUAGES = ("zh", "en")


@cache
def environment(*packages: str) -> Environment:
    """Templates of the packages, the first that has one; ``languages`` are those that a page holds."""
    # A page must be written even where a run ended before it could say everything: what is absent shows as nothing.
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        word=word,
        languages=LANGUAGES,
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
    found.filters.update(
        number=shown.number, size=shown.size, duration=shown.duration, moment=shown.moment, days=shown.days
    )
    return found


def _compiled() -> BytecodeCache | None:
    """Compiled templates, kept for the next process in the user's own temporary folder, where there is one."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):
        return None
