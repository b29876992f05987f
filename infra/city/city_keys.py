"""The keys of the fictional city's lake: made with its data, and kept beside them, so that each run has the same."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

_KEYS_FILE = "keys.env"


def city_keys(folder: Path) -> dict[str, str]:
    """The variables with the keys for tokens and for sealed files; those in the environment count first.

    They are in ``keys.env`` of the city's ``folder``, which only its owner can read. A real city keeps its keys where
    its other secrets are.
    """
    from citylake.pipelines.lake.seal_keys import SEAL_KEY, new_identity
    from citylake.pipelines.lake.secret_keys import KEY_BYTES, key_variable
    from citylake.pipelines.lake.token_key import TOKENS_KEY

    file = folder / _KEYS_FILE
    if not file.exists():
        tokens = urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")
        made = {key_variable(TOKENS_KEY): tokens, key_variable(SEAL_KEY): str(new_identity())}
        with os.fdopen(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as text:
            text.writelines(f"{name}={value}\n" for name, value in made.items())
    kept = dict(line.split("=", 1) for line in file.read_text("ascii").splitlines())
    return {name: os.environ.get(name, value) for name, value in kept.items()}
