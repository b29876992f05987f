"""The page of one trial: what changed declarations would make of the raw data, as a single HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.quality.report.jinja_environment import template_environment


def render_trial_page(document: Mapping[str, Any], language: str = "both") -> str:
    """Return one self-contained HTML page from the document of ``citylake trial --json``.

    The page contains both languages; ``language`` (``zh``, ``en`` or ``both``) is shown first.
    """
    page = template_environment("citylake.quality.report").get_template("trial.html.j2")
    return page.render(trial=document, language=language)
