"""A world for each test, and none of this machine's own settings."""

import pytest

from tests.integration.services.conftest import world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def nothing_set(no_environment: None) -> None:
    """For every test here."""
