"""The keys by which landed and raw files are sealed: age identities (X25519), of which the first also seals.

``CITYLAKE_KEY_SEAL`` is the identity (``AGE-SECRET-KEY-…``) of today; ``CITYLAKE_KEY_SEAL_PREVIOUS`` has those of
before a rotation, apart by white space or commas. An age file does not say for whom it is sealed: all are tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.lake.secret_keys import key_variable, read_key_text
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient

SEAL_KEY: Final = "seal"
PREVIOUS_KEY: Final = "seal_previous"


@dataclass(frozen=True, slots=True)
class SealKeys:
    """Identities that open sealed files. The first is today's, for which new files are sealed."""

    identities: tuple[Identity, ...]

    @property
    def recipient(self) -> Recipient:
        """The public key for which new files are sealed."""
        return self.identities[0].to_public()

    @property
    def names(self) -> tuple[str, ...]:
        """The public keys (``age1…``), today's first: they are no secret."""
        return tuple(str(identity.to_public()) for identity in self.identities)

    @property
    def current(self) -> SealKeys:
        """Today's key alone."""
        return SealKeys(self.identities[:1])


def seal_keys() -> SealKeys:
    """Return the keys of this process. Raises KEY_UNSET, SEAL_KEY_BROKEN or SEAL_NEEDS_EXTRA."""
    text = read_key_text(SEAL_KEY)
    if text is None:
        raise CitylakeError("KEY_UNSET", key=SEAL_KEY, variable=key_variable(SEAL_KEY))
    older = re.split(r"[\s,]+", (read_key_text(PREVIOUS_KEY) or "").strip())
    return SealKeys((*_identities(SEAL_KEY, [text.strip()]), *_identities(PREVIOUS_KEY, list(filter(None, older)))))


def has_seal_key() -> bool:
    """Whether sealed files can be opened here. Raises SEAL_KEY_BROKEN or SEAL_NEEDS_EXTRA."""
    return read_key_text(SEAL_KEY) is not None and bool(seal_keys())


def new_identity() -> Identity:
    """Make a new key. Raises SEAL_NEEDS_EXTRA."""
    return _x25519().Identity.generate()


def _identities(key: str, texts: Sequence[str]) -> tuple[Identity, ...]:
    kind, found = _x25519(), []
    for text in texts:
        try:
            found.append(kind.Identity.from_str(text))
        except Exception:
            # The cause could contain the key.
            raise CitylakeError("SEAL_KEY_BROKEN", key=key, variable=key_variable(key)) from None
    return tuple(found)


def _x25519() -> Any:
    try:
        from pyrage import x25519
    except ImportError as error:
        raise CitylakeError("SEAL_NEEDS_EXTRA", why=str(error)) from error
    return x25519
