"""A world for each test, and none of this machine's own settings."""

from tests.integration.doctor.conftest import nothing_set, world

__all__ = ["nothing_set", "world"]
