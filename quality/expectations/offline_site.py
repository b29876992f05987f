"""Makes Data Docs work without a network: removes everything that the pages load from content delivery networks.

The pages of Great Expectations load scripts, styles and images from six hosts, and the index page is empty without
them. The content of the pages is not changed; they get a small style sheet, and a new index page replaces the original.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from jinja2 import Environment, PackageLoader

from citylake.quality.expectations.suite_result import SuiteResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.message_catalogue import translate_key

_FOREIGN = re.compile(
    r"<script\b.*?</script>"
    r"|<link\b[^>]*href=\"(?:https?:)?//[^>]*>"
    r"|<img\b[^>]*src=\"(?:https?:)?//[^>]*>"
    r"|<footer\b.*?</footer>",
    re.DOTALL | re.IGNORECASE,
)
_FOREIGN_PICTURE = re.compile(r"background:\s*url\('https?://[^']*'\)[^;]*;")


def finish_docs_site(out_dir: Path, contract: Contract, validation: SuiteResult) -> None:
    """Make every page of the site self-contained, and write its index page."""
    style = (Path(__file__).parent / "templates" / "docs.css").read_text(encoding="utf-8")
    # Great Expectations copies 2 MB of logos and fonts that no page uses after this step.
    shutil.rmtree(out_dir / "static", ignore_errors=True)
    for page in out_dir.rglob("*.html"):
        page.write_text(_standalone(page.read_text(encoding="utf-8"), style), encoding="utf-8")
    (out_dir / "index.html").write_text(_index(out_dir, contract, validation, style), encoding="utf-8")


def _standalone(html: str, style: str) -> str:
    html = _FOREIGN_PICTURE.sub("", _FOREIGN.sub("", html))
    html = re.sub(r"<link rel=\"shortcut icon\"[^>]*>", "", html)
    return html.replace("</head>", f"<style>{style}</style></head>", 1)


def _index(out_dir: Path, contract: Contract, validation: SuiteResult, style: str) -> str:
    pages = {
        kind: [os.path.relpath(page, out_dir).replace(os.sep, "/") for page in sorted((out_dir / kind).rglob("*.html"))]
        for kind in ("validations", "expectations")
    }
    environment = Environment(loader=PackageLoader("citylake.quality.expectations"), autoescape=True)
    template = environment.get_template("index.html.j2")
    return template.render(contract=contract, validation=validation, pages=pages, style=style, word=translate_key)
