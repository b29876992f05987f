"""Names that credentials usually have."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"token|secret|passw|passphrase|authorization|(api|app|access)_?key|cookie|signature", re.IGNORECASE
)


def names_secret(name: str) -> bool:
    """Whether a parameter or header of this name is likely to be a credential."""
    return bool(_SECRET.search(name))
