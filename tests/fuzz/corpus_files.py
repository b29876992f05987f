"""Cases as small text files: the inputs that once broke a reader, which are tried in every run of the tests."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

from tests.fuzz.seeds import FuzzCase

CORPUS = Path(__file__).parent / "corpus"
_LINE = 100


def case_document(case: FuzzCase, why: str = "") -> dict[str, Any]:
    """The case as JSON values; bytes are deflated and in base64."""
    bodies = [base64.b64encode(zlib.compress(body, 9)).decode() for body in case.bodies]
    folded = [[text[at : at + _LINE] for at in range(0, len(text), _LINE)] for text in bodies]
    return {"reader": case.reader, "why": why, "settings": case.settings, "name": case.name, "bodies": folded}


def document_case(document: dict[str, Any]) -> FuzzCase:
    """The case of a document."""
    bodies = tuple(zlib.decompress(base64.b64decode("".join(lines))) for lines in document["bodies"])
    return FuzzCase(document["reader"], bodies, document["settings"], document["name"])


def write_case(path: Path, case: FuzzCase, why: str) -> None:
    """Write the case, and why it is kept."""
    path.write_text(json.dumps(case_document(case, why), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_corpus() -> dict[str, FuzzCase]:
    """Every kept case by the name of its file."""
    return {path.stem: document_case(json.loads(path.read_text("utf-8"))) for path in sorted(CORPUS.glob("*.json"))}
