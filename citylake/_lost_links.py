"""The message of a checkout that lost its symbolic links. Nothing else of citylake can be imported there."""

from __future__ import annotations

import os
from collections.abc import Sequence


def lost_links_message(folder: str, lost: Sequence[str]) -> str:
    """What happened to ``folder``, whose links ``lost`` are missing or text files, and the command that fixes it."""
    names, paths = ", ".join(lost), " ".join(f"citylake/{name}" for name in lost)
    root = os.path.dirname(folder)
    restore = f"git config core.symlinks true && git checkout -- {paths}"
    return (
        f"citylake cannot be imported from {folder}: {names} must be symbolic links to the folders of the same name in "
        f"{root}. A zip download, or a checkout without symbolic links (the default on Windows), does not have them. "
        f"In a git checkout, run in {root}: {restore}\n"
        f"Without git, run in {root}: pip install .    Then start Python and citylake from another folder.\n"
        f"无法从 {folder} 导入 citylake：{names} 应为指向 {root} 中同名文件夹的符号链接。"
        f"下载的 zip 包或不支持符号链接的检出（Windows 的默认设置）会丢失这些链接。"
        f"如果是 git 检出，请在 {root} 中运行：{restore}\n"
        f"如果没有 git，请在 {root} 中运行：pip install .    然后在其他文件夹中启动 Python 和 citylake。"
    )
