"""File names in the landing zone: what a source calls its files, as names that every store accepts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Set as AbstractSet
from itertools import chain, count

from citylake.pipelines.lake.landed_file import STORED_ENDINGS

_MOST_BYTES = 200
"""A file system takes names up to 255 bytes, and a file that is being written has a longer one."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows takes for devices, with any ending."""
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")
"""A byte of a name that is not UTF-8."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\[\]{}%\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]')
"""Control characters, patterns, what URLs encode, half characters, and marks that turn the direction of a name."""


def landing_name(name: str, taken: AbstractSet[str] = frozenset()) -> str:
    """The last part of ``name`` as a file name that every store accepts, and none of ``taken`` (casefolded)."""
    last = re.split(r"[/\\]", _ESCAPED.sub(r"_\1", name))[-1]
    safe = _UNSAFE.sub("_", last).strip(". ") or "data"
    safe = _unlike_stored(_shortened(f"_{safe}" if _DEVICES.match(safe) else safe))
    stem, dot, ending = safe.rpartition(".") if "." in safe else (safe, "", "")
    others = (f"{stem}-{number}{dot}{ending}" for number in count(2))
    return next(found for found in chain([safe], others) if found.casefold() not in taken)


def _unlike_stored(name: str) -> str:
    """A name that does not end as the names of files that the lake compressed or sealed."""
    ending = max((each for each in STORED_ENDINGS if name.casefold().endswith(each)), key=len, default="")
    return f"{name[: -len(ending)]}.landed_{name[-4:]}" if ending else name


def _shortened(name: str) -> str:
    """A long name keeps its ending, and gets a part of its hash, so that long names that differ stay different."""
    if len(name.encode()) <= _MOST_BYTES:
        return name
    ending = "".join(re.findall(r"\.[A-Za-z0-9]{1,8}", name)[-2:]) if re.search(r"\.[A-Za-z0-9]{1,8}$", name) else ""
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    room = _MOST_BYTES - len(ending) - len(mark) - 1
    return f"{name.encode()[:room].decode(errors='ignore').rstrip('. ')}~{mark}{ending}"
