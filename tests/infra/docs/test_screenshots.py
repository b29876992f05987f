"""The pictures of the READMEs: each is there, small, shown, and made by the script."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from citylake.infra.docs.make_screenshots import IMAGES, LOCALES, MAX_BYTES, PICTURES

ROOT = Path(__file__).parents[3]
READMES = {"en": "README.md", "zh": "README.zh-CN.md"}


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_a_small_png(name: str) -> None:
    content = (IMAGES / name).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) <= MAX_BYTES


@pytest.mark.parametrize("language", LOCALES)
def test_each_readme_shows_the_pictures_in_its_language(language: str) -> None:
    shown = re.findall(r"!\[[^\]]+\]\(docs/images/([^)]+\.png)\)", (ROOT / READMES[language]).read_text("utf-8"))
    assert shown == [name for name in PICTURES if name.endswith(f"-{language}.png")]


def test_no_picture_is_left_over() -> None:
    assert {path.name for path in IMAGES.glob("*.png")} == set(PICTURES)


def test_what_the_script_opens_is_there() -> None:
    overview = "".join(path.read_text("utf-8") for path in (ROOT / "pipelines/site/templates").glob("*"))
    assert 'id="datasets"' in overview


def _diagram(readme: str) -> set[str]:
    """The labels of the Mermaid diagram; a line break within one counts as a blank."""
    (block,) = re.findall(r"```mermaid\n(.*?)```", (ROOT / readme).read_text("utf-8"), re.DOTALL)
    return {re.sub(r"<br/?>", " ", label) for label in re.findall(r"[\[(]\"([^\"]+)\"[\])]", block)}


@pytest.mark.parametrize(("readme", "image"), [("README.md", "flow.svg"), ("README.zh-CN.md", "flow-zh.svg")])
def test_the_drawn_diagram_has_the_labels_of_the_written_one(readme: str, image: str) -> None:
    tree = ElementTree.parse(IMAGES / image)
    boxes = (group for group in tree.iter("{http://www.w3.org/2000/svg}g") if group.get("class") == "box")
    labels = {" ".join(text.text or "" for text in group.iter("{http://www.w3.org/2000/svg}text")) for group in boxes}
    assert labels == _diagram(readme)
