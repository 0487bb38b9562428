"""What only the desk's own processes may read, though it lies in the database or in a cookie.

The keys are made of the secret that signs the cookies, one for each purpose. Whoever replaces
that secret signs everybody out, and nothing that was sealed is needed any more.
"""

import base64
import json
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Encrypts and authenticates texts for one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        made = HKDF(SHA256(), length=32, salt=None, info=f"cardpay {purpose}".encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(made.derive(secret.encode())))

    def close(self, content: dict[str, Any]) -> str:
        """`content` as a text that says nothing, and cannot be changed."""
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def open(self, sealed: str, within: timedelta | None = None) -> dict[str, Any] | None:
        """What was sealed; None for what was not sealed here, or is older than `within`."""
        try:
            found = self._fernet.decrypt(
                sealed.encode(), ttl=None if within is None else int(within.total_seconds())
            )
            content = json.loads(found)
        except (InvalidToken, ValueError):
            return None
        return content if isinstance(content, dict) else None
