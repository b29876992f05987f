"""The Jinja environment of all pages: the page of a run and the pages of the site."""

from __future__ import annotations

from functools import cache

from jinja2 import BytecodeCache, ChainableUndefined, ChoiceLoader, Environment, FileSystemBytecodeCache, PackageLoader

from citylake.quality.report import bar_geometry, number_format, page_words, run_summary
from citylake.schemas.words.message_catalogue import translate_key

REPORT_LANGUAGES = ("zh", "en")


@cache
def template_environment(*packages: str) -> Environment:
    """Return the environment with the templates of ``packages``; the first package that has a template wins.

    The global ``languages`` lists the languages that a page contains; a page can set its own.
    """
    # Absent values render as nothing, because the page of a run that ended early must be written too.
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        bytecode_cache=_bytecode_cache(),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        # Templates are files of the package: they do not change while a process runs.
        auto_reload=False,
        lstrip_blocks=True,
    )
    found.globals.update(
        word=translate_key,
        languages=REPORT_LANGUAGES,
        say=page_words.word_html,
        both=page_words.bilingual_html,
        badge=page_words.badge_html,
        status=page_words.status_html,
        rows_of=run_summary.dataset_totals,
        receipts_of=run_summary.receipts_to_list,
        stacked=bar_geometry.stack_segments,
        log_length=bar_geometry.log_bar_length,
        share=number_format.format_share,
    )
    found.filters.update(
        number=number_format.format_number,
        size=number_format.format_size,
        duration=number_format.format_duration,
        moment=number_format.format_moment,
        days=number_format.format_days,
    )
    return found


def _bytecode_cache() -> BytecodeCache | None:
    """Return the cache of compiled templates in the user's temporary folder, or None if there is no such folder."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):
        return None
