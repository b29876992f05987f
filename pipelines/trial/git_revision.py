"""A workspace as a revision of its git repository has it, in a folder of its own; the repository is only read."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path


def export_revision(revision: str, root: Path, folder: Path) -> Path:
    """Write the repository of ``root`` at ``revision`` below ``folder``; returns the workspace in it.

    The whole repository, because a workspace may extend another. Raises LookupError with git's own reason.
    """
    git = shutil.which("git")
    if git is None:
        raise LookupError("git is not installed")
    top = Path(_run(git, root, "rev-parse", "--show-toplevel"))
    # After --end-of-options, a revision that begins with a dash is no option.
    commit = _run(git, root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    archive = folder / "revision.tar"
    _run(git, top, "archive", "--format=tar", f"--output={archive}", commit)
    target = folder / "revision"
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    archive.unlink()
    return target / root.resolve().relative_to(top.resolve())


def _run(git: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run([git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise LookupError(done.stderr.strip() or f"git {arguments[0]}: {done.returncode}")
    return done.stdout.strip()
