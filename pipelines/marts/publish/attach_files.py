"""``attach.sql``: attaches the published marts of a lake to any DuckDB, each under its name.

One file for the marts that everybody may read who can read the lake, and one for each group of readers
(``attach-<readers>.sql``), of the same mode and group as the files of its marts: it names no mart to anybody else, and
never stops at a mart that its reader may not open. They name ``current.duckdb`` and change only if a mart is published
first, removed, or given to other readers. Views over ``read_duckdb`` would need no such file, but they hang and return
wrong rows in DuckDB 1.5 (docs/decisions/0057-stable-names.md).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress

from citylake.pipelines.lake.durable_files import replace_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import list_folder_names, list_mart_names
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.publish.mart_permissions import share_file
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer
from citylake.pipelines.marts.publish.stable_name import stable_path
from citylake.schemas.read.registry import Registry

_HEADER = """\
-- citylake 生成，请勿修改：把已发布的专题库挂接到 DuckDB，每个专题库一个名字；重新连接即得新版本。
-- Written by citylake, not to be edited: attaches the published marts to DuckDB, each under its name; connect again for
-- new versions. See docs/mart-versions.md.
"""
_ATTEMPTS = 10


def write_attach_files(lake: Lake, registry: Registry | None = None) -> None:
    """Make the files anew if they are not those of the marts in the lake; does nothing on an object store.

    Without a registry, a new file for a group of readers is its owner's alone until the next publication. Raises what
    ``share_file`` raises.
    """
    if not lake.local:
        return
    for _ in range(_ATTEMPTS):
        # Again after each change: another process may have published a mart, and have read the list before this one.
        if not _write_changed(lake, registry, _wanted_files(lake)):
            return


def _wanted_files(lake: Lake) -> dict[str, tuple[str | None, str]]:
    """Return file name → readers, text."""
    groups: dict[str | None, list[Pointer]] = {}
    for mart in list_mart_names(lake):
        # A pointer that cannot be read is for the verification to report.
        with suppress(ValueError, PermissionError):
            if pointer := read_pointer(lake, mart):
                groups.setdefault(pointer.readers, []).append(pointer)
    return {
        f"attach-{readers}.sql" if readers else "attach.sql": (readers, "".join(_lines(lake, found)))
        for readers, found in groups.items()
    }


def _lines(lake: Lake, found: list[Pointer]) -> Iterator[str]:
    yield _HEADER
    zones = {each.timezone for each in found}
    if len(zones) == 1:
        yield f"SET TimeZone = {sql_literal(*zones)};\n"
    for each in found:
        path = sql_literal(stable_path(lake, each.mart) or "")
        yield f"ATTACH IF NOT EXISTS {path} AS {sql_identifier(each.mart)} (READ_ONLY);\n"


def _write_changed(lake: Lake, registry: Registry | None, wanted: dict[str, tuple[str | None, str]]) -> bool:
    folder, changed = lake.path("marts"), False
    for name, (readers, text) in wanted.items():
        path = f"{folder}/{name}"
        if _content(path) != text:
            _write(lake, registry, path, readers, text)
            changed = True
        elif registry:
            _share(lake, registry, readers, path)
    for name in _attach_names(lake):
        if name not in wanted:
            with suppress(FileNotFoundError):
                os.remove(f"{folder}/{name}")
            changed = True
    return changed


def _write(lake: Lake, registry: Registry | None, path: str, readers: str | None, text: str) -> None:
    part = f"{path}.{uuid.uuid4().hex}.partial"
    with open(part, "w", encoding="utf-8") as file:
        if readers:
            os.chmod(part, 0o600)
        file.write(text)
    if registry:
        _share(lake, registry, readers, part)
    replace_file(lake, part, path)


def _share(lake: Lake, registry: Registry, readers: str | None, path: str) -> None:
    """Give a file of a group its mode; ``readers`` that no mart has any more keep what it has."""
    mart = next((each for each in registry.marts.values() if readers and each.readers == readers), None)
    if mart:
        share_file(lake, mart, registry, path, fixed=False)


def _attach_names(lake: Lake) -> Iterable[str]:
    names = list_folder_names(lake, lake.path("marts"))
    return [name for name in names if name.startswith("attach") and name.endswith(".sql")]


def _content(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, PermissionError):
        return None
