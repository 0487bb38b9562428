"""A world for each test, and none of this machine's own settings."""

import pytest

from cardpay.settings import Settings
from tests.integration.services.conftest import world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the environment nor in a file."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
