"""The folder that a report site is written to: local, or in an object store."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from citylake.pipelines.lake.durable_files import write_small_file
from citylake.pipelines.lake.lake_zones import Lake


class SiteOutput:
    """Writes files below one folder; a reader sees each as it was or whole."""

    def __init__(self, folder: str) -> None:
        self.place = Lake(folder)
        self._made: set[str] = set()
        self.written = 0

    def write(self, name: str, content: bytes) -> None:
        """Write a file; ``name``: its path below the folder."""
        path = self.place.path(*name.split("/"))
        above = path.rpartition("/")[0]
        if above not in self._made:
            self.place.makedirs(above)
            self._made.add(above)
        write_small_file(self.place, path, content, sync=False)
        self.written += 1

    def write_text(self, name: str, text: str) -> None:
        """Write text as UTF-8; half a character, which a source may deliver, is written as its escape."""
        self.write(name, text.encode("utf-8", "backslashreplace"))

    def write_json(self, name: str, document: Any) -> None:
        """Write a document as JSON."""
        self.write_text(name, json.dumps(document, ensure_ascii=False, default=str))

    def write_asset(self, name: str) -> None:
        """Write a file of this package below ``static``."""
        text = (files("citylake.pipelines.site") / "static" / name).read_text("utf-8")
        self.write_text(f"static/{name}", text)

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return bool(self.place.fs.exists(self.place.path(*name.split("/"))))

    def names(self, folder: str) -> set[str]:
        """Return the names of the files in a folder without their suffix."""
        path = self.place.path(*folder.split("/"))
        if not self.place.fs.exists(path):
            return set()
        found = (str(each).rsplit("/", 1)[-1] for each in self.place.fs.ls(path, detail=False))
        return {name.rpartition(".")[0] for name in found}
