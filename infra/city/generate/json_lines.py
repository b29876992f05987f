"""Files with a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def write_json_lines(file: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    """Write one object a line, in UTF-8."""
    lines = (json.dumps(each, ensure_ascii=False) for each in objects)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
