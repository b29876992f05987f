"""The key of the tokens of persons: one for the whole lake, so that a person has one token in every department."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from dataclasses import dataclass
from typing import Final, Literal

from citylake.pipelines.lake.secret_keys import read_secret_key
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import has_tokens
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

TOKENS_KEY: Final = "tokens"
"""The name of the key: ``CITYLAKE_KEY_TOKENS``."""
_MARKS: Final = {"sha256": "t1", "sm3": "t2"}
_ID_CHARACTERS: Final = 6


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The secret, and the hash function of the HMAC."""

    secret: bytes
    hash: Literal["sha256", "sm3"]

    @property
    def id(self) -> str:
        """``t1.k7f3qa``: the kind of the tokens and 30 bits that the secret determines, at the start of each token."""
        digest = hmac.digest(self.secret, b"citylake: id of the key", "sha256")
        return f"{_MARKS[self.hash]}.{b32encode(digest)[:_ID_CHARACTERS].decode().lower()}"

    def domain_secret(self, domain: str) -> bytes:
        """The secret of one kind of identifier: a mobile number and an account with its digits have two tokens."""
        return hmac.digest(self.secret, b"citylake: tokens of " + domain.encode(), hashlib.sha256)

    def __repr__(self) -> str:
        """Without the secret: reprs come into logs and errors."""
        return f"TokenKey({self.id})"


def load_token_key(registry: Registry) -> TokenKey:
    """The key in force. Raises KEY_UNSET or KEY_BROKEN."""
    return TokenKey(read_secret_key(TOKENS_KEY), registry.workspace.settings.tokens.hash)


def require_token_key(contract: Contract, registry: Registry) -> None:
    """Raise KEY_UNSET or KEY_BROKEN, or LIBRARY_MISSING, if the dataset has tokens and none can be made."""
    if has_tokens(contract, registry) and load_token_key(registry).hash == "sm3":
        require_sm3()


def token_key_id(registry: Registry) -> str:
    """The id of the key in force; empty if no dataset needs it, or it is not set or broken."""
    if not any(has_tokens(contract, registry) for contract in registry.contracts.values()):
        return ""
    try:
        return load_token_key(registry).id
    except CitylakeError:
        return ""


def require_sm3() -> None:
    """Raise LIBRARY_MISSING without the library that has SM3."""
    try:
        from cryptography.hazmat.primitives.hashes import SM3  # noqa: F401
    except ModuleNotFoundError as error:
        named = {"source": "tokens: {hash: sm3}", "library": "cryptography", "extra": "privacy"}
        raise CitylakeError("LIBRARY_MISSING", **named) from error
