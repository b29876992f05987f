"""Pages of the Python API: the public package, then the public functions and classes of every room.

mkdocstrings reads them from a copy of the code, for the links below ``citylake/`` are not followed by its reader.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

from citylake.infra.docs.markdown_page import MarkdownPage, join_blocks

FOLDER = "reference/api"
ROOMS = ("pipelines", "quality", "schemas")


def copy_code(root: Path, target: Path) -> None:
    """Copy the package to ``target``/citylake as a wheel would hold it: folders instead of links."""
    skipped = shutil.ignore_patterns("__pycache__", "*.yaml", "*.sql")
    shutil.rmtree(target, ignore_errors=True)
    for room in ROOMS:
        shutil.copytree(root / room, target / "citylake" / room, ignore=skipped)
    for path in (root / "citylake").glob("*.py"):
        shutil.copy(path, target / "citylake" / path.name)


def api_pages(root: Path) -> Iterator[MarkdownPage]:
    """The index, the page of ``import citylake``, and a page for each room with public names."""
    rooms = {name: modules for name in room_names(root) if (modules := public_modules(root, name))}
    entries = [f"- [`citylake.{name}`]({_file(name)}): {_first_sentence(root / _folder(name))}" for name in rooms]
    yield MarkdownPage(
        f"{FOLDER}/index.md",
        join_blocks(
            "# Python API",
            "[`citylake`](citylake.md) is the public API. The rooms below are internal: their names may change.",
            "\n".join(entries),
        ),
    )
    public = [f"## {name}\n\n::: citylake.{name}" for name in public_names(root)]
    guide = "With examples: [the Python API](../../docs/api.md)."
    yield MarkdownPage(f"{FOLDER}/citylake.md", join_blocks("# citylake", guide, *public))
    for name, modules in rooms.items():
        parts = [f"## {module.rpartition('.')[2]}\n\n::: {module}" for module in modules]
        yield MarkdownPage(f"{FOLDER}/{_file(name)}", join_blocks(f"# citylake.{name}", *parts))


def public_names(root: Path) -> list[str]:
    """The functions and classes of ``citylake.__all__``."""
    tree = ast.parse((root / "citylake/__init__.py").read_text(encoding="utf-8"))
    listed = (node.value for node in tree.body if isinstance(node, ast.Assign) and _target(node) == "__all__")
    return [name for names in listed for name in ast.literal_eval(names) if not name.startswith("_")]


def _target(node: ast.Assign) -> str:
    return node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""


def room_names(root: Path) -> list[str]:
    """Rooms as dotted names: ``pipelines.pull``, ``quality.rules`` … and the layers themselves."""
    found = []
    for layer in ROOMS:
        folders = (path for path in sorted((root / layer).iterdir()) if (path / "__init__.py").is_file())
        found += [layer, *(f"{layer}.{path.name}" for path in folders)]
    return found


def public_modules(root: Path, room: str) -> list[str]:
    """The modules of ``room`` that define a public name; of a layer itself only its own files."""
    folder = root / _folder(room)
    paths = folder.glob("*.py") if "." not in room else folder.rglob("*.py")
    modules = [path for path in sorted(paths) if (path.parent / "__init__.py").is_file() and _defines_public_name(path)]
    names = (path.relative_to(root).with_suffix("").as_posix().replace("/", ".") for path in modules)
    return [f"citylake.{name.removesuffix('.__init__')}" for name in names]


def _defines_public_name(path: Path) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, kinds) and not node.name.startswith("_") for node in tree.body)


def _first_sentence(folder: Path) -> str:
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return text.partition("\n\n")[0].replace("\n", " ")


def _folder(room: str) -> str:
    return room.replace(".", "/")


def _file(room: str) -> str:
    return f"{room.replace('.', '-')}.md"
