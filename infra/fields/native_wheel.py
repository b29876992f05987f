"""The wheel ``citylake-fields``: fields.c as code of this machine, for citylake to use if it is installed."""

from __future__ import annotations

import base64
import hashlib
import sysconfig
import tempfile
import zipfile
from pathlib import Path

from citylake.infra.fields.compile_fields import compile_native
from citylake.pipelines.parse.fields.native_memory import LIBRARY, PACKAGE

VERSION = "1.0"
_METADATA = f"Metadata-Version: 2.1\nName: {PACKAGE.replace('_', '-')}\nVersion: {VERSION}\nLicense: Apache-2.0\n"


def build_native_wheel(folder: Path) -> Path:
    """Compile the library and write its wheel into ``folder``; returns its path. Raises CalledProcessError."""
    tag = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    with tempfile.TemporaryDirectory(prefix="citylake-fields-") as work:
        library = Path(work) / LIBRARY
        compile_native(library)
        code = library.read_bytes()
    info = f"{PACKAGE}-{VERSION}.dist-info"
    files = {
        f"{PACKAGE}/__init__.py": b"",
        f"{PACKAGE}/{LIBRARY}": code,
        f"{info}/METADATA": _METADATA.encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: citylake\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    record = "".join(f"{name},{_digest(content)},{len(content)}\n" for name, content in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{PACKAGE}-{VERSION}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            wheel.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def _digest(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
