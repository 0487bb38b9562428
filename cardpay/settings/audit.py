"""The audit log's key and the file of its heads: both kept outside the database.

Beside an SQLite database they bear its name, so that each database has its own; for another one
they are in `var`.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr

from cardpay.domain.audit_chain import AuditKey, audit_key
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.settings.database import DatabaseSettings

_VARIABLE: Final = "CARDPAY_AUDIT_KEY"
_SHORTEST: Final = 32


class AuditSettings(DatabaseSettings):
    """What the audit log is chained with, and where its heads are written down."""

    audit_key: SecretStr | None = Field(None, alias=_VARIABLE)
    audit_heads: Path | None = Field(None, alias="CARDPAY_AUDIT_HEADS")

    @property
    def audit_key_texts(self) -> frozenset[str]:
        """Each key of the setting by itself."""
        told = self.audit_key.get_secret_value() if self.audit_key else ""
        return frozenset(text.strip() for text in told.split(",")) - {""}

    @property
    def heads_path(self) -> Path:
        """The file of the heads."""
        return self.audit_heads or self.beside_database("audit-heads.log")


def audit_keys(settings: AuditSettings, *, make: bool = True) -> tuple[AuditKey, ...]:
    """The key that writes, and behind it those that it replaced; StartRefused.

    Without real money a key that is not set is made up, once, in a file, unless `make` is off.
    """
    if settings.audit_key is not None:
        texts = settings.audit_key.get_secret_value().split(",")
        keys = tuple(audit_key(text.strip()) for text in texts)
        if any(len(key.secret) < _SHORTEST for key in keys):
            raise StartRefused(
                _VARIABLE,
                f"must be a random text of at least {_SHORTEST} characters, since it protects "
                "the audit log: openssl rand -hex 32.",
            )
        return keys
    if settings.mode is Mode.LIVE:
        raise StartRefused(
            _VARIABLE,
            "is missing, and the audit log of live payments is protected with it: set it to the "
            "output of openssl rand -hex 32, and keep a copy away from the database.",
        )
    file = settings.beside_database("audit.key")
    try:
        if make and not file.exists():
            _make_key(file)
        text = file.read_text().strip()
    except OSError as error:
        raise StartRefused(
            _VARIABLE,
            f"is not set, and there can be no key in {file} ({type(error).__name__}): set it.",
        ) from error
    if len(text) < _SHORTEST:
        raise StartRefused(_VARIABLE, f"is not set, and {file} holds no key: set it.")
    return (audit_key(text),)


def _make_key(file: Path) -> None:
    """Whole or not at all, by whichever process is first."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    only_ours = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(only_ours, "w") as new:
        new.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
