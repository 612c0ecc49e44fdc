"""Seals secrets at rest: AES-256-GCM, each bound to the place where it is kept."""

import os
import uuid
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12


class CannotDecrypt(ValueError):
    """The key that sealed it is not configured, or it was not sealed for this place."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What may be stored. `key_id` names the encryption key and gives nothing of it away."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


class Keyring:
    """Seals with the current encryption key; opens with it and with the one before it, where there is one."""

    def __init__(self, current: str, previous: str = "") -> None:
        self.current_id = _key_id(current)
        self._ciphers = {_key_id(secret): AESGCM(_key(secret)) for secret in (previous, current) if secret}

    def seal(self, text: str, *, context: str) -> Sealed:
        """The same `context` is needed to open it."""
        # Random nonces of 96 bits are safe for some four thousand million texts a key.
        nonce = os.urandom(_NONCE_BYTES)
        ciphertext = self._ciphers[self.current_id].encrypt(nonce, text.encode(), context.encode())
        return Sealed(self.current_id, nonce, ciphertext)

    def open(self, sealed: Sealed, *, context: str) -> str:
        """Raises `CannotDecrypt`."""
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise CannotDecrypt
        try:
            return cipher.decrypt(sealed.nonce, sealed.ciphertext, context.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt from error


def key_context(owner_id: uuid.UUID, provider: str) -> str:
    """What binds a provider key to its row: moved to another, it does not open."""
    return f"provider_keys/{owner_id}/{provider}"


def _key(secret: str) -> bytes:
    return _derived(secret, purpose=b"bytchat: provider keys", size_bytes=_KEY_BYTES)


def _key_id(secret: str) -> str:
    return _derived(secret, purpose=b"bytchat: key id", size_bytes=_KEY_ID_BYTES).hex()


def _derived(secret: str, *, purpose: bytes, size_bytes: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=size_bytes, salt=None, info=purpose).derive(secret.encode())
